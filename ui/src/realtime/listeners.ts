import type { Cancel } from "./clock.ts";

/** Whom to tell. One that throws is reported, and keeps nobody else from hearing. */
export class Listeners<T> {
  readonly #all = new Set<{ readonly tell: (what: T) => void }>();

  add(tell: (what: T) => void): Cancel {
    const listener = { tell };
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(what: T): void {
    for (const listener of [...this.#all]) {
      try {
        if (this.#all.has(listener)) listener.tell(what);
      } catch (error) {
        console.error("specd: a listener failed:", error);
      }
    }
  }
}
