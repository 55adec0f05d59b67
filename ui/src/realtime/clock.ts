/** Calls off what was arranged; does nothing when that has happened already. */
export type Cancel = () => void;

/** Where time comes from. Tests have one of their own. */
export interface Clock {
  /** Milliseconds of a clock that goes on while the machine sleeps. */
  now(): number;
  after(ms: number, what: () => void): Cancel;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, what) {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
};
