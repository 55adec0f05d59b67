import type { Spec } from "./spec.ts";

/** By their keys. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Compares how specs were with how they are, when all is done. */
export class ChangeLog {
  readonly #before = new Map<string, Spec | undefined>();

  /** How it was before it was touched for the first time. */
  note(key: string, before: Spec | undefined): void {
    if (!this.#before.has(key)) this.#before.set(key, before);
  }

  /** undefined: everything is as it was. */
  finish(now: ReadonlyMap<string, Spec>): Changes | undefined {
    const changes = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
    for (const [key, before] of this.#before) {
      const after = now.get(key);
      if (!before && after) changes.added.push(key);
      if (before && !after) changes.removed.push(key);
      if (before && after && !isSame(before, after)) changes.changed.push(key);
    }
    return Object.values(changes).some((keys) => keys.length > 0) ? changes : undefined;
  }
}

/** Whatever the order of the members. */
function isSame(one: Spec, other: Spec): boolean {
  if (one === other) return true;
  const others = new Map(Object.entries(other));
  const all = Object.entries(one);
  return all.length === others.size &&
    all.every(([name, value]) => JSON.stringify(value) === JSON.stringify(others.get(name)));
}
