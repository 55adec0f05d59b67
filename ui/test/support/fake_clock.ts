import type { Cancel, Clock } from "../../src/realtime/clock.ts";

interface Timer {
  readonly at: number;
  readonly what: () => void;
}

/** Lets everything happen that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }
  after(ms: number, what: () => void): Cancel {
    const timer = { at: this.#now + ms, what };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }
  /** Until the next timer is due; undefined: there is none. */
  get nextMs(): number | undefined {
    const next = this.#next();
    return next && next.at - this.#now;
  }

  /** Every timer at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.what();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The machine sleeps, and its timers with it: what was due comes when it wakes. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    await this.advance(0);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const each of this.#timers) if (!next || each.at < next.at) next = each;
    return next;
  }
}
