const firstMs = 500;
const longestMs = 30_000;

/**
 * How long to wait before the next attempt: any time up to a bound that doubles with each failure, so that clients
 * whose server went away do not all come back at the same moment.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random`: from 0 to 1, like Math.random. */
  constructor(random: () => number) {
    this.#random = random;
  }

  nextMs(): number {
    return this.#random() * Math.min(longestMs, firstMs * 2 ** this.#failures++);
  }

  reset(): void {
    this.#failures = 0;
  }
}
