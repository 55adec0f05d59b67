export { connect, type Client, type ClientState, type Options } from "./client.ts";
export { SpecView, type SpecSource, type ViewState } from "./spec_view.ts";
export type { Changes } from "./changes.ts";
export type { Cancel, Clock } from "./clock.ts";
export type {
  BatchEvent, ConflictEvent, ConflictResolvedEvent, Cursor, DaemonEvent, ProjectEvent, ProjectStateEvent, ResyncEvent,
  SpecEvent, SyncErrorEvent,
} from "./event.ts";
export { Garbled } from "./garbled.ts";
export { Problem } from "./http.ts";
export type { Transport } from "./link.ts";
export type { OpenSocket, Socket } from "./socket_link.ts";
export type { Kind, Metadata, Spec } from "./spec.ts";
export type { SpecFilter } from "./spec_filter.ts";
export type { Subscription } from "./subscription.ts";
export type { WatchWakeups } from "./wakeups.ts";
