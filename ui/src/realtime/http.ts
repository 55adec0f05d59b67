import type { Clock } from "./clock.ts";
import { isRecord } from "./garbled.ts";

/** The daemon has answered, and not what was asked for. */
export class Problem extends Error {
  /** Of HTTP; undefined on a WebSocket. */
  readonly status: number | undefined;
  /** Never changes its meaning; undefined: somebody else has answered. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(words: string, about: { status?: number; code?: string | undefined; retryAfterMs?: number | undefined }) {
    super(words);
    this.name = "Problem";
    this.status = about.status;
    this.code = about.code;
    this.retryAfterMs = about.retryAfterMs;
  }

  /** Asking again would bring the same. */
  get isFinal(): boolean {
    return this.isForbidden || ["bad_subscription", "not_found"].includes(this.code ?? "");
  }
  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403 || this.code === "unauthorized";
  }
}

export interface HttpOptions {
  /** Where the daemon's addresses begin; it ends in a slash. */
  readonly base: URL;
  /** undefined: the browser has a cookie. */
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

/** Asks the daemon, as somebody whom it knows. */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  get authorization(): Record<string, string> {
    return this.#options.token === undefined ? {} : { Authorization: `Bearer ${this.#options.token}` };
  }

  /** `path` without a slash before it. */
  url(path: string): URL {
    return new URL(path, this.#options.base);
  }

  /** An answer whose body is still to come. Throws Problem for what is not 2xx, and what fetch throws. */
  async open(path: string, request: { accept: string; signal: AbortSignal }): Promise<Response> {
    const response = await this.#options.fetch(this.url(path), {
      headers: { Accept: request.accept, ...this.authorization },
      // An answer from a cache counts only if the daemon says that it still does.
      cache: "no-cache",
      signal: request.signal,
    });
    if (!response.ok) throw await this.#problemOf(response);
    return response;
  }

  /** The whole answer, if it comes within this time. */
  async json(path: string, request: { signal: AbortSignal; withinMs?: number }): Promise<unknown> {
    const { signal, withinMs = 30_000 } = request;
    const late = new AbortController();
    const cancel = this.#options.clock.after(withinMs, () => late.abort(new Error("the daemon does not answer")));
    try {
      const either = AbortSignal.any([signal, late.signal]);
      return await (await this.open(path, { accept: "application/json", signal: either })).json();
    } finally {
      cancel();
    }
  }

  async #problemOf(response: Response): Promise<Problem> {
    const { status } = response;
    const body: unknown = await response.json().catch(() => undefined);
    const told = isRecord(body) ? body : {};
    const code = typeof told["code"] === "string" ? told["code"] : undefined;
    const words = typeof told["detail"] === "string" ? told["detail"] : `the daemon answers ${status}`;
    const retryAfterMs = status === 503 ? this.#retryAfter(response.headers.get("Retry-After")) : undefined;
    return new Problem(words, { status, code, retryAfterMs });
  }

  /** Seconds, or a date. */
  #retryAfter(text: string | null): number | undefined {
    if (text === null) return undefined;
    const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - this.#options.clock.now();
    return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
  }
}
