import type { Cursor } from "./event.ts";
import { Garbled } from "./garbled.ts";
import { Problem, type Http } from "./http.ts";
import { NeverOpened, type Link, type LinkHost } from "./link.ts";
import { askMessage, parseMessage, subscribeMessage, type ServerMessage } from "./message.ts";
import type { Subscription } from "./subscription.ts";

/** As much of a WebSocket as is used. */
export interface Socket {
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: ((close: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((error: unknown) => void) | null;
  send(text: string): void;
  close(): void;
}
export type OpenSocket = (url: string, headers: Record<string, string>) => Socket;

/** Browsers know no headers, and need none. */
export const openSocket: OpenSocket = (url, headers) => {
  if (Object.keys(headers).length === 0) return new WebSocket(url) as Socket;
  const WithHeaders = WebSocket as unknown as new (url: string, options: object) => Socket;
  return new WithHeaders(url, { headers });
};

const subscribing = 1;  // the `ref` of our first message

/** A WebSocket: welcome, subscribe, its answer, and then events. */
export class SocketLink implements Link {
  readonly transport = "websocket";
  readonly #host: LinkHost;
  readonly #http: Http;
  readonly #subscription: Subscription;
  readonly #since: Cursor | undefined;
  readonly #closing = new AbortController();
  #socket: Socket | undefined;
  #welcome: (ServerMessage & { is: "welcome" }) | undefined;
  #isListening = false;
  #ref = subscribing;

  constructor(host: LinkHost, http: Http, open: OpenSocket, subscription: Subscription, since: Cursor | undefined) {
    this.#host = host;
    this.#http = http;
    this.#subscription = subscription;
    this.#since = since;
    const url = http.url("api/v1/ws");
    url.protocol = url.protocol.replace("http", "ws");
    try {
      this.#socket = open(url.href, http.authorization);
      this.#socket.onmessage = ({ data }) => this.#hear(data);
      this.#socket.onclose = ({ code, reason }) =>
        this.#end(new Error(reason || `the connection was closed (${code})`));
      // Where a WebSocket is refused, Node says this alone.
      this.#socket.onerror = () => this.#end(new Error("the connection failed"));
    } catch (error) {
      void this.#findOutWhy(error);
    }
  }

  ask(): boolean {
    if (this.#isListening) this.#socket?.send(askMessage(++this.#ref));
    return this.#isListening;
  }

  close(): void {
    this.#closing.abort();
    this.#letGo();
  }

  #letGo(): void {
    if (!this.#socket) return;
    const socket = this.#socket;
    this.#socket = undefined;
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  #hear(frame: unknown): void {
    this.#host.heard();
    try {
      this.#take(parseMessage(frame));
    } catch (error) {
      this.#end(error);
    }
  }

  #take(message: ServerMessage): void {
    switch (message.is) {
      case "welcome":
        this.#welcome = message;
        this.#socket?.send(subscribeMessage(subscribing, this.#subscription, this.#since));
        return;
      case "subscriptions":
        if (message.ref === subscribing) this.#begin(message.cursor);
        return;
      case "error":
        if (message.ref === subscribing) this.#end(new Problem(message.detail, { code: message.code }));
        return;
      case "heartbeat":
        // Before the subscription counts, an id says nothing of what we have heard.
        if (this.#isListening && message.cursor !== undefined) this.#host.told(message.cursor, undefined);
        return;
      case "told":
        if (!this.#welcome) throw new Garbled("a welcome", message.event);
        this.#begin(undefined);  // in case it is told what it missed before it is answered
        this.#host.told(message.cursor, message.event);
    }
  }

  #begin(cursor: Cursor | undefined): void {
    if (!this.#welcome || this.#isListening) return;
    this.#isListening = true;
    const { heartbeatMs } = this.#welcome;
    this.#host.listening({ cursor: this.#since === undefined ? cursor : undefined, heartbeatMs });
  }

  #end(why: unknown): void {
    if (this.#closing.signal.aborted || !this.#socket) return;
    this.#letGo();
    if (!this.#welcome) return void this.#findOutWhy(why);
    this.close();
    this.#host.ended(why);
  }

  /** Nobody says why a WebSocket does not open; asked for something else, the daemon does. */
  async #findOutWhy(what: unknown): Promise<void> {
    const { signal } = this.#closing;
    let why: unknown = new NeverOpened(what instanceof Error ? what.message : String(what));
    try {
      await this.#http.json("api/v1/projects", { signal, withinMs: 10_000 });
    } catch (error) {
      why = error;
    }
    if (signal.aborted) return;
    this.close();
    this.#host.ended(why);
  }
}
