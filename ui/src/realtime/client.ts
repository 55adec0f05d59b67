import { Backoff } from "./backoff.ts";
import { systemClock, type Cancel, type Clock } from "./clock.ts";
import type { Cursor, DaemonEvent } from "./event.ts";
import { Garbled } from "./garbled.ts";
import { Http, Problem } from "./http.ts";
import { NeverOpened, type Link, type LinkHost, type Transport } from "./link.ts";
import { Listeners } from "./listeners.ts";
import { openSocket, SocketLink, type OpenSocket } from "./socket_link.ts";
import { StreamLink } from "./stream_link.ts";
import type { Subscription } from "./subscription.ts";
import { watchWakeups, type WatchWakeups } from "./wakeups.ts";
import { Watchdog } from "./watchdog.ts";

export interface Options {
  /** Of the daemon, such as "http://127.0.0.1:4400/"; without it, where the page comes from. */
  readonly url?: string | URL;
  /** The daemon's; a page is known by its cookie, and needs none. */
  readonly token?: string;
  /** What to hear of; without it, everything. */
  readonly subscription?: Subscription;

  // What tests, and unusual surroundings, have of their own.
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly fetch?: typeof globalThis.fetch;
  /** null: event streams only. */
  readonly openSocket?: OpenSocket | null;
  readonly watchWakeups?: WatchWakeups;
}

/**
 * connecting: for the first time. live: whatever happens is told. offline: it tries again, by itself. refused: it has
 * given up, since the daemon does not know us, or not what we ask for. closed: by its user.
 */
export type ClientState = "connecting" | "live" | "offline" | "refused" | "closed";

const openWithinMs = 10_000;
const usualOpeningMs = 2_000;
const usualHeartbeatMs = 15_000;
const answerWithinMs = 5_000;
const lastingMs = 10_000;
const socketTries = 2;

/** Follows a daemon until it is closed. */
export function connect(options: Options = {}): Client {
  return new Client(options);
}

/** One connection, that is opened anew whenever it breaks off, and goes on where it was. Made by connect(). */
export class Client {
  readonly subscription: Subscription;
  readonly clock: Clock;
  readonly random: () => number;
  readonly #http: Http;
  readonly #openSocket: OpenSocket | null;
  readonly #events = new Listeners<DaemonEvent>();
  readonly #states = new Listeners<ClientState>();
  readonly #forgetWakeups: Cancel;
  readonly #closing = new AbortController();

  #state: ClientState = "connecting";
  #error: string | undefined;
  #cursor: Cursor | undefined;  // everything up to here was told

  #link: Link | undefined;
  #listeningSince: number | undefined;
  #heartbeatMs = usualHeartbeatMs;
  readonly #watchdog: Watchdog;
  readonly #backoff: Backoff;
  #retry: { readonly cancel: Cancel; readonly notBefore: number } | undefined;
  #socketFailures = 0;  // in a row, while the daemon answered otherwise

  constructor(options: Options) {
    this.subscription = options.subscription ?? {};
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.#http = new Http({
      base: new URL(String(options.url ?? globalThis.location.origin).replace(/\/*$/, "/")),
      token: options.token,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      clock: this.clock,
    });
    const hasSockets = typeof WebSocket !== "undefined";
    this.#openSocket = options.openSocket === undefined ? (hasSockets ? openSocket : null) : options.openSocket;
    this.#backoff = new Backoff(this.random);
    this.#watchdog = new Watchdog(this.clock, {
      silent: () => this.#failed(this.#listeningSince === undefined
        ? new NeverOpened("the daemon does not answer") : new Error("nothing is heard of the daemon any more")),
      late: () => this.#check(),
    });
    this.#forgetWakeups = (options.watchWakeups ?? watchWakeups)(() => this.#check());
    this.#open();
  }

  get state(): ClientState {
    return this.#state;
  }
  /** Why it is not live, in words. */
  get error(): string | undefined {
    return this.#error;
  }
  /** What the present connection is made of. */
  get transport(): Transport | undefined {
    return this.#link?.transport;
  }

  /**
   * Every event that was subscribed to, once and in order; and `resync` first of all, and whenever something may have
   * been missed.
   */
  onEvent(listener: (event: DaemonEvent) => void): Cancel {
    return this.#events.add(listener);
  }
  onState(listener: (state: ClientState) => void): Cancel {
    return this.#states.add(listener);
  }

  /** What the daemon answers to GET, as JSON; "api/v1/specs". Throws Problem, or what fetch throws. */
  async get(path: string, signal: AbortSignal = this.#closing.signal): Promise<unknown> {
    try {
      return await this.#http.json(path, { signal: AbortSignal.any([signal, this.#closing.signal]) });
    } catch (error) {
      if (error instanceof Problem && error.isForbidden) this.#giveUp("refused", error.message);
      throw error;
    }
  }

  /** Ends for good. */
  close(): void {
    this.#giveUp("closed", undefined);
  }

  #open(): void {
    this.#retry = undefined;
    this.#listeningSince = undefined;
    const host = this.#hostOf(this.#cursor);
    this.#link = this.#openSocket && this.#socketFailures < socketTries
      ? new SocketLink(host, this.#http, this.#openSocket, this.subscription, this.#cursor)
      : new StreamLink(host, this.#http, this.subscription, this.#cursor);
    this.#watchdog.start(openWithinMs);
  }

  #hostOf(since: Cursor | undefined): LinkHost {
    return {
      heard: () => {
        if (this.#listeningSince !== undefined) this.#watchdog.heard();
      },
      listening: ({ cursor, heartbeatMs }) => {
        this.#listeningSince = this.clock.now();
        this.#heartbeatMs = heartbeatMs ?? usualHeartbeatMs;
        this.#watchdog.start(2.5 * this.#heartbeatMs);
        if (this.transport === "websocket") this.#socketFailures = 0;
        if (since === undefined) this.#events.tell({ type: "resync" });
        this.#cursor = cursor ?? since;
        this.#become("live", undefined);
      },
      told: (cursor, event) => {
        if (event) this.#events.tell(event);
        this.#cursor = cursor ?? this.#cursor;
      },
      ended: (why) => this.#failed(why),
    };
  }

  /** The connection is over, or has never been one. */
  #failed(why: unknown): void {
    const words = why instanceof Error ? why.message : String(why);
    if (why instanceof Problem && why.isFinal) return this.#giveUp("refused", words);
    // What has come could not be read, so that nobody knows how far it has told us.
    if (why instanceof Garbled) this.#cursor = undefined;
    const fallsBack = this.#fallsBack(why);
    const now = this.clock.now();
    if (this.#listeningSince !== undefined && now - this.#listeningSince >= lastingMs) this.#backoff.reset();
    this.#letGo();
    const retryAfterMs = why instanceof Problem ? why.retryAfterMs ?? 0 : 0;
    const waitMs = fallsBack ? 0 : Math.max(this.#backoff.nextMs(), retryAfterMs);
    this.#retry = { cancel: this.clock.after(waitMs, () => this.#open()), notBefore: now + retryAfterMs };
    this.#become("offline", words);
  }

  /** Whether it is the turn of an event stream, at once. After that, a WebSocket is tried again, one time. */
  #fallsBack(why: unknown): boolean {
    if (this.transport === "events") this.#socketFailures = socketTries - 1;
    else if (why instanceof NeverOpened) ++this.#socketFailures;
    return this.#socketFailures >= socketTries;
  }

  /** The machine has slept, the network is back, or somebody looks at the page again. */
  #check(): void {
    if (this.#retry) {
      if (this.clock.now() < this.#retry.notBefore) return;
      this.#retry.cancel();
      return this.#open();
    }
    const usualMs = this.#listeningSince === undefined ? usualOpeningMs : 1.5 * this.#heartbeatMs;
    if (this.#watchdog.quietMs > usualMs) {
      this.#letGo();
      this.#open();
    } else if (this.#link?.ask()) {
      this.#watchdog.expect(answerWithinMs);
    }
  }

  #letGo(): void {
    this.#watchdog.stop();
    this.#link?.close();
    this.#link = undefined;
  }

  #giveUp(state: "refused" | "closed", words: string | undefined): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#forgetWakeups();
    this.#letGo();
    this.#retry?.cancel();
    this.#become(state, words);
  }

  #become(state: ClientState, error: string | undefined): void {
    if (this.#state === "refused" || this.#state === "closed") return;
    const isNews = state !== this.#state || error !== this.#error;
    this.#state = state;
    this.#error = error;
    if (isNews) this.#states.tell(state);
  }
}
