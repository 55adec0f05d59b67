// What a client reaches the outside through, with the other end in the hands of a test.

import type { OpenSocket, Socket } from "../../src/realtime/socket_link.ts";

export class FakeSocket implements Socket {
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly sent: Record<string, any>[] = [];
  isClosed = false;
  /** Of the other end. */
  onsent: (message: Record<string, any>) => void = () => {};
  onclosed: () => void = () => {};

  constructor(url: string, headers: Record<string, string>) {
    this.url = url;
    this.headers = headers;
  }

  send(text: string): void {
    const message = JSON.parse(text);
    this.sent.push(message);
    this.onsent(message);
  }
  close(): void {
    this.isClosed = true;
    this.onclosed();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
  /** As the network, or the server, does it. */
  break(code = 1006, reason = ""): void {
    this.isClosed = true;
    this.onerror?.(new Error("broken"));
    this.onclose?.({ code, reason });
  }
}

/** A request that waits for its answer. */
export class FakeRequest {
  readonly url: URL;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (why: unknown) => void;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(url: URL, init: RequestInit, resolve: (response: Response) => void, reject: (why: unknown) => void) {
    this.url = url;
    this.headers = new Headers(init.headers);
    this.signal = init.signal!;
    this.#resolve = resolve;
    this.#reject = reject;
    this.signal.addEventListener("abort", () => this.break(this.signal.reason));
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  answer(body: unknown, init: { status?: number; headers?: Record<string, string> } = {}): void {
    this.#resolve(new Response(JSON.stringify(body), init));
  }
  refuse(status: number, code?: string, headers: Record<string, string> = {}): void {
    this.answer(code ? { status, code, detail: `about ${code}` } : "no problem of specd's", { status, headers });
  }
  /** Begins an answer without an end. */
  stream(): void {
    this.#resolve(new Response(new ReadableStream({ start: (controller) => { this.#stream = controller; } })));
  }
  write(text: string): void {
    if (!this.isOver) this.#stream?.enqueue(new TextEncoder().encode(text));
  }
  /** As the network does it. */
  break(why: unknown = new TypeError("fetch failed")): void {
    this.#reject(why);
    try {
      this.#stream?.error(why);
    } catch {
      // it was over already
    }
  }
  /** As a server that goes away does it. */
  end(): void {
    this.#stream?.close();
  }
}

export class FakeWire {
  readonly sockets: FakeSocket[] = [];
  readonly requests: FakeRequest[] = [];
  /** What becomes of them when nobody waits for them. */
  onsocket: (socket: FakeSocket) => void = () => {};
  onrequest: (request: FakeRequest) => void = () => {};

  readonly openSocket: OpenSocket = (url, headers) => {
    const socket = new FakeSocket(url, headers);
    this.sockets.push(socket);
    this.onsocket(socket);
    return socket;
  };
  readonly fetch: typeof globalThis.fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const request = new FakeRequest(new URL(String(input)), init, resolve, reject);
      this.requests.push(request);
      this.onrequest(request);
    });
}
