// What a WebSocket carries: text frames, each one JSON object with `event`, and `id`, `ref`, `data` where they apply.

import { toEvent, type Cursor, type DaemonEvent } from "./event.ts";
import { Garbled, isRecord, parseRecord } from "./garbled.ts";
import type { Subscription } from "./subscription.ts";

export type ServerMessage =
  | { readonly is: "welcome"; readonly heartbeatMs: number | undefined }
  | { readonly is: "heartbeat"; readonly cursor: Cursor | undefined }
  /** The cursor is where they begin; none: there are none. */
  | { readonly is: "subscriptions"; readonly ref: number | undefined; readonly cursor: Cursor | undefined }
  | { readonly is: "error"; readonly ref: number | undefined; readonly code: string; readonly detail: string }
  /** No event: of a type that only a later client knows. */
  | { readonly is: "told"; readonly cursor: Cursor; readonly event: DaemonEvent | undefined };

/** Throws Garbled. */
export function parseMessage(frame: unknown): ServerMessage {
  if (typeof frame !== "string") throw new Garbled("a text frame", frame);
  const { event, id, ref: mayBeRef, data } = parseRecord(frame, "a message");
  const ref = typeof mayBeRef === "number" ? mayBeRef : undefined;
  const cursor = typeof id === "string" ? id : undefined;
  if (event === "subscriptions") return { is: event, ref, cursor };
  if (event === "heartbeat") return { is: event, cursor };
  if (event === "error") {
    if (!isRecord(data)) throw new Garbled("an error", frame);
    return { is: event, ref, code: String(data["code"]), detail: String(data["detail"] ?? data["code"]) };
  }
  if (event === "welcome") {
    const ms = isRecord(data) ? data["heartbeat_ms"] : undefined;
    return { is: event, heartbeatMs: typeof ms === "number" && ms > 0 ? ms : undefined };
  }
  if (typeof event !== "string" || cursor === undefined) throw new Garbled("a message", frame);
  return { is: "told", cursor, event: toEvent(data) };
}

export function subscribeMessage(ref: number, subscription: Subscription, since: Cursor | undefined): string {
  const { throttleMs: throttle_ms, ...lists } = subscription;
  return JSON.stringify({ event: "subscribe", ref, data: { id: "all", ...lists, throttle_ms, since } });
}

/** Changes nothing, and is always answered. */
export function askMessage(ref: number): string {
  return JSON.stringify({ event: "subscriptions", ref });
}
