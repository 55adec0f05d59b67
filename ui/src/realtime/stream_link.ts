import { toEvent, type Cursor } from "./event.ts";
import { EventStreamParser, type Frame } from "./event_stream.ts";
import { parseRecord } from "./garbled.ts";
import type { Http } from "./http.ts";
import type { Link, LinkHost } from "./link.ts";
import { toQuery, type Subscription } from "./subscription.ts";

/**
 * Server-sent events, read with fetch. EventSource would keep to itself why it was refused, when to come back, and
 * the signs of life.
 */
export class StreamLink implements Link {
  readonly transport = "events";
  readonly #host: LinkHost;
  readonly #closing = new AbortController();
  #isListening = false;

  constructor(host: LinkHost, http: Http, subscription: Subscription, since: Cursor | undefined) {
    this.#host = host;
    const query = toQuery(subscription);
    if (since !== undefined) query.set("since", since);
    void this.#read(http, query.size > 0 ? `api/v1/events?${query}` : "api/v1/events");
  }

  ask(): boolean {
    return false;
  }

  close(): void {
    this.#closing.abort();
  }

  async #read(http: Http, path: string): Promise<void> {
    const { signal } = this.#closing;
    try {
      const response = await http.open(path, { accept: "text/event-stream", signal });
      const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventStreamParser();
      for (let piece = await pieces?.read(); piece && !piece.done; piece = await pieces?.read()) {
        if (signal.aborted) return;
        this.#host.heard();
        for (const frame of parser.push(piece.value)) {
          this.#take(frame);
          if (signal.aborted) return;
        }
      }
      throw new Error("the event stream has ended");
    } catch (error) {
      if (!signal.aborted) this.#end(error);
    }
  }

  #end(why: unknown): void {
    this.close();
    this.#host.ended(why);
  }

  /** The first frame says how often to expect one, and where it begins, unless that is where we wanted it to. */
  #take({ id, data, comment }: Frame): void {
    if (!this.#isListening) {
      this.#isListening = true;
      const ms = Number(/^heartbeat_ms=(\d+)$/.exec(comment ?? "")?.[1]);
      this.#host.listening({ cursor: id, heartbeatMs: ms > 0 ? ms : undefined });
    }
    this.#host.told(id, data === undefined ? undefined : toEvent(parseRecord(data, "an event")));
  }
}
