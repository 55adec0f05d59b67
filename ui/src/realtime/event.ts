import { Garbled, isRecord } from "./garbled.ts";
import { isMetadata, type Kind, type Metadata } from "./spec.ts";

/** How far somebody has heard. Only the server understands it. */
export type Cursor = string;

interface Told {
  readonly seq: number;
  /** Its slug; null: it is no longer known. */
  readonly project: string | null;
  readonly key: string | null;
  readonly origin: string;
  readonly actor: string | null;
  readonly timestamp: string;
}

export interface SpecEvent extends Told {
  readonly type: "spec.created" | "spec.updated" | "spec.renamed" | "spec.deleted";
  readonly key: string;
  readonly id: string;
  readonly kind: Kind;
  readonly version: number;
  /** Its id before, of a renamed one. */
  readonly from?: string;
  /** LeanSpec: the spec that it says it belongs to. */
  readonly parent?: string;
  readonly files: readonly string[];
  /** Members of `metadata`. */
  readonly changes: readonly string[];
  readonly metadata: Metadata;
}

/** Many at once, as one message. */
export interface BatchEvent {
  readonly type: "specs.batch";
  readonly count: number;
  readonly events: readonly SpecEvent[];
}

export interface ConflictEvent extends Told {
  readonly type: "conflict.detected";
  readonly id: string;
  readonly conflict: number;
  readonly path: string;
  readonly kind: string;
}

/** A person has ended it; by the event's `actor`. */
export interface ConflictResolvedEvent extends Told {
  readonly type: "conflict.resolved";
  readonly id: string;
  readonly conflict: number;
  readonly path: string;
  readonly kind: string;
  readonly resolution: "merged" | "restored" | "dismissed";
}

export interface SyncErrorEvent extends Told {
  readonly type: "sync.error";
  readonly id: string;
  readonly error: string;
}

export interface ProjectEvent extends Told {
  readonly type: "project.added" | "project.changed" | "project.removed";
  readonly slug: string;
  readonly root: string;
}

export interface ProjectStateEvent extends Told {
  readonly type: "project.state";
  readonly slug: string;
  readonly state: "ok" | "missing" | "held" | "paused" | "read_only";
  readonly reason: string;
}

/** What is known may be out of date: read everything again, then go on listening. */
export interface ResyncEvent {
  readonly type: "resync";
}

export type DaemonEvent =
  | SpecEvent | BatchEvent | ConflictEvent | ConflictResolvedEvent | SyncErrorEvent | ProjectEvent | ProjectStateEvent
  | ResyncEvent;

/**
 * The event, if it has what its type promises and views go by; undefined for types that a later server may have.
 * Throws Garbled: whatever it was, it has not been heard.
 */
export function toEvent(data: unknown): DaemonEvent | undefined {
  if (!isRecord(data) || typeof data["type"] !== "string") throw new Garbled("an event", data);
  const isWhole = checks[data["type"]];
  if (!isWhole) return undefined;
  if (!isWhole(data)) throw new Garbled(`a ${data["type"]}`, data);
  return data as unknown as DaemonEvent;
}

type Check = (data: Record<string, unknown>) => boolean;

const isTold: Check = (data) =>
  Number.isSafeInteger(data["seq"]) && (data["project"] === null || typeof data["project"] === "string");
const isOfSpec: Check = (data) =>
  isTold(data) && typeof data["key"] === "string" && isMetadata(data["metadata"]) &&
  Number.isSafeInteger(data["version"]);
const isBatch: Check = ({ events }) =>
  Array.isArray(events) &&
  events.every((each: unknown) => isRecord(each) && String(each["type"]).startsWith("spec.") && isOfSpec(each));
const isOfProject: Check = (data) => isTold(data) && typeof data["slug"] === "string";

const checks: Readonly<Record<string, Check | undefined>> = {
  "spec.created": isOfSpec,
  "spec.updated": isOfSpec,
  "spec.renamed": isOfSpec,
  "spec.deleted": isOfSpec,
  "specs.batch": isBatch,
  "conflict.detected": isTold,
  "conflict.resolved": isTold,
  "sync.error": isTold,
  "project.added": isOfProject,
  "project.changed": isOfProject,
  "project.removed": isOfProject,
  "project.state": isOfProject,
  "resync": () => true,
};
