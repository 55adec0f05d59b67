import { Backoff } from "./backoff.ts";
import { ChangeLog, type Changes } from "./changes.ts";
import type { Client } from "./client.ts";
import type { Cancel } from "./clock.ts";
import type { DaemonEvent } from "./event.ts";
import { Problem } from "./http.ts";
import { Listeners } from "./listeners.ts";
import { toSpecPage, type Spec } from "./spec.ts";
import { toPredicate, type SpecFilter } from "./spec_filter.ts";
import { SpecTable } from "./spec_table.ts";

/**
 * connecting: nothing is known yet. live: the specs are as the daemon has them. catching-up: connected, and reading the
 * lists. offline: what is shown was so when the connection broke off. refused: it has ended, see `error`.
 */
export type ViewState = "connecting" | "live" | "catching-up" | "offline" | "refused";

/** What a view needs of a client. */
export type SpecSource =
  Pick<Client, "subscription" | "clock" | "random" | "state" | "error" | "get" | "onEvent" | "onState">;

/**
 * The specs of a daemon, or some of them, as they are: it listens, then reads the lists, and puts the two together.
 * While it reads them again, the specs stay as they were.
 */
export class SpecView {
  readonly #client: SpecSource;
  readonly #projects: readonly string[];
  readonly #matches: (spec: Spec) => boolean;
  readonly #changes = new Listeners<Changes>();
  readonly #states = new Listeners<ViewState>();
  readonly #backoff: Backoff;
  readonly #leave: Cancel[];

  #shown: SpecTable;
  /** What is being read; it hears all events meanwhile, and is shown when it is whole. */
  #next: SpecTable | undefined;
  #reading: AbortController | undefined;
  #retry: Cancel | undefined;
  #state: ViewState = "connecting";
  #error: string | undefined;

  /** The client has to hear of everything in these projects: views filter for themselves. */
  constructor(client: SpecSource, filter: SpecFilter = {}) {
    const { specs, types, projects = [] } = client.subscription;
    if (specs?.length || types?.length) {
      throw new TypeError("a view needs a client that subscribes to all specs and types of its projects");
    }
    this.#client = client;
    this.#projects = filter.projects?.length ? filter.projects : projects;
    this.#matches = toPredicate({ ...filter, projects: this.#projects });
    this.#shown = new SpecTable(this.#matches);
    this.#next = new SpecTable(this.#matches);
    this.#backoff = new Backoff(client.random);
    this.#leave = [client.onEvent((event) => this.#hear(event)), client.onState(() => this.#follow())];
    this.#follow();
  }

  /** By key. Ask for it each time: another one takes its place when everything was read again. */
  get specs(): ReadonlyMap<string, Spec> {
    return this.#shown.specs;
  }
  get state(): ViewState {
    return this.#state;
  }
  /** Why it is not live, in words. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Once for each message that changes anything, when `specs` is so. */
  onChange(listener: (changes: Changes) => void): Cancel {
    return this.#changes.add(listener);
  }
  onState(listener: (state: ViewState) => void): Cancel {
    return this.#states.add(listener);
  }

  /** The specs stay as they are from now on. */
  close(): void {
    for (const leave of this.#leave) leave();
    this.#stopReading();
  }

  #hear(event: DaemonEvent): void {
    if (event.type === "resync") {
      this.#next = new SpecTable(this.#matches);
      return this.#read(this.#next);
    }
    if (!this.#next) {
      const log = new ChangeLog();
      this.#shown.hear(event, log);
      return this.#tell(log);
    }
    this.#next.hear(event);
    // Lists do not tell when they were read: one that is on its way may still have its specs.
    if (event.type === "project.removed" && this.#reading) this.#read(this.#next);
  }

  /** The client's state has changed. */
  #follow(): void {
    const { state } = this.#client;
    if (state === "live" && this.#next && !this.#reading && !this.#retry) this.#read(this.#next);
    if (state === "refused" || state === "closed") this.#stopReading();
    this.#judge();
  }

  #judge(readingError?: string): void {
    const { state, error } = this.#client;
    const next = state === "closed" ? "offline" : state === "live" && this.#next ? "catching-up" : state;
    const words = readingError ?? error;
    const isNews = next !== this.#state || words !== this.#error;
    this.#state = next;
    this.#error = words;
    if (isNews) this.#states.tell(next);
  }

  #stopReading(): void {
    this.#retry?.();
    this.#retry = undefined;
    this.#reading?.abort();
    this.#reading = undefined;
  }

  /** From the first page on. What the table has heard, or read, already, does it no harm. */
  #read(table: SpecTable): void {
    this.#stopReading();
    const reading = new AbortController();
    this.#reading = reading;
    this.#readLists(table, reading.signal).then(
      () => this.#reading === reading && this.#show(table),
      (error: unknown) => this.#reading === reading && this.#readLater(table, error));
    this.#judge();
  }

  async #readLists(table: SpecTable, signal: AbortSignal): Promise<void> {
    if (this.#projects.length === 0) return this.#readList("api/v1/specs", table, signal);
    for (const slug of this.#projects) {
      try {
        await this.#readList(`api/v1/projects/${encodeURIComponent(slug)}/specs`, table, signal);
      } catch (error) {
        // A project that is not there has no specs.
        if (!(error instanceof Problem && error.code === "not_found")) throw error;
      }
    }
  }

  async #readList(path: string, table: SpecTable, signal: AbortSignal): Promise<void> {
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = cursor && `?cursor=${encodeURIComponent(cursor)}`;
      const { specs, next } = toSpecPage(await this.#client.get(path + query, signal));
      if (signal.aborted) return;
      table.list(specs);
      cursor = next;
    }
  }

  #show(table: SpecTable): void {
    const log = new ChangeLog();
    for (const [key, spec] of this.#shown.specs) log.note(key, spec);
    for (const key of table.specs.keys()) log.note(key, undefined);
    this.#shown = table;
    this.#next = undefined;
    this.#reading = undefined;
    this.#backoff.reset();
    this.#tell(log);
    this.#judge();
  }

  #readLater(table: SpecTable, error: unknown): void {
    this.#reading = undefined;
    const waitMs = Math.max(this.#backoff.nextMs(), error instanceof Problem ? error.retryAfterMs ?? 0 : 0);
    this.#retry = this.#client.clock.after(waitMs, () => {
      this.#retry = undefined;
      if (this.#client.state === "live") this.#read(table);  // otherwise as soon as it is
    });
    this.#judge(error instanceof Error ? error.message : String(error));
  }

  #tell(log: ChangeLog): void {
    const changes = log.finish(this.#shown.specs);
    if (changes) this.#changes.tell(changes);
  }
}
