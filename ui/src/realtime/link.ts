import type { Cursor, DaemonEvent } from "./event.ts";

/** One connection to the daemon, of either kind. It has been opened when it is made, and ends once. */
export interface Link {
  readonly transport: Transport;
  /** Asks for a sign of life; false: there is no way to. */
  ask(): boolean;
  /** Nothing is called any more. */
  close(): void;
}

export type Transport = "websocket" | "events";

/** Whom a link tells. Never called from within its constructor. */
export interface LinkHost {
  /** Something came, whatever it is. */
  heard(): void;
  /** From here on, everything is told that happens after `cursor`; undefined: after the one that was asked for. */
  listening(at: { cursor: Cursor | undefined; heartbeatMs: number | undefined }): void;
  /** One message. No event: only that everything up to there was told. */
  told(cursor: Cursor | undefined, event: DaemonEvent | undefined): void;
  /** It is over; `why` may be Problem, Garbled, NeverOpened, or anything that the network says. */
  ended(why: unknown): void;
}

/** It did not open, though nothing says that the daemon is away. */
export class NeverOpened extends Error {
  constructor(words: string) {
    super(words);
    this.name = "NeverOpened";
  }
}
