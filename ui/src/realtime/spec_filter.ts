import type { Spec } from "./spec.ts";

/** Which specs a view has. What is left out: whatever it is. */
export interface SpecFilter {
  /** By their slugs. */
  readonly projects?: readonly string[];
  /** Keys, ids, or patterns of ids with `*` and `?`: "E13-*". */
  readonly specs?: readonly string[];
  /** Also specs below those, by their ids: "E13-1" and "E13/a" below "E13". */
  readonly children?: boolean;
}

/** Whether a spec is such a one, as the daemon's subscriptions have it. */
export function toPredicate({ projects, specs, children }: SpecFilter): (spec: Spec) => boolean {
  const named = specs?.map((wanted) => {
    const pattern = toRegExp(wanted);
    return ({ key, id }: Spec) => key === wanted || pattern.test(id) || (children === true && isBelow(id, wanted));
  });
  return (spec) =>
    (!projects?.length || projects.includes(spec.project)) && (!named?.length || named.some((names) => names(spec)));
}

function isBelow(id: string, parent: string): boolean {
  return id.startsWith(`${parent}-`) || id.startsWith(`${parent}/`);
}

function toRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su");
}
