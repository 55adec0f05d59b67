import type { Cancel, Clock } from "./clock.ts";

const tickMs = 5_000;
const lateMs = 10_000;

/** Whether there is still somebody at the other end. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #host: { silent(): void; late(): void };
  #patienceMs = Infinity;
  #heardAt = 0;
  #deadline = Infinity;
  #cancel: Cancel = () => {};

  /**
   * `silent`: nothing was heard for as long as was allowed; called once. `late`: a timer came much too late, because
   * the machine slept, or the page was in the background.
   */
  constructor(clock: Clock, host: { silent(): void; late(): void }) {
    this.#clock = clock;
    this.#host = host;
  }

  /** From now on there has to be something every `patienceMs`. */
  start(patienceMs: number): void {
    this.stop();
    this.#patienceMs = patienceMs;
    this.heard();
    this.#tickLater();
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#deadline = this.#heardAt + this.#patienceMs;
  }

  /** Since then nothing was heard. */
  get quietMs(): number {
    return this.#clock.now() - this.#heardAt;
  }

  /** There has to be something within this time. */
  expect(withinMs: number): void {
    this.#deadline = Math.min(this.#deadline, this.#clock.now() + withinMs);
    this.#tickLater();
  }

  stop(): void {
    this.#cancel();
  }

  #tickLater(): void {
    this.#cancel();
    const now = this.#clock.now();
    const due = Math.min(now + tickMs, Math.max(now, this.#deadline));
    this.#cancel = this.#clock.after(due - now, () => this.#tick(due));
  }

  #tick(due: number): void {
    const now = this.#clock.now();
    if (now - due >= lateMs) {
      this.#tickLater();
      this.#host.late();
    } else if (now >= this.#deadline) {
      this.#host.silent();
    } else {
      this.#tickLater();
    }
  }
}
