import { Garbled, isRecord } from "./garbled.ts";

export type Kind = "change" | "archived" | "capability" | "leanspec";

/** A change, archived change, capability or LeanSpec folder, as lists tell it. Times are RFC 3339. */
export interface Spec {
  /** Never changes, and is never used again. */
  readonly key: string;
  readonly project: string;
  readonly kind: Kind;
  /** What people call it; a rename changes it. */
  readonly id: string;
  readonly change_id: string | null;
  readonly path: string;
  readonly title: string;
  readonly status: string | null;
  readonly priority: string | null;
  readonly tags: readonly string[];
  readonly assignee: string | null;
  readonly progress: "no-tasks" | "in-progress" | "complete";
  readonly tasks_done: number;
  readonly tasks_total: number;
  /** Grows with every change, over deletion and return, too. */
  readonly version: number;
  readonly sync_error: string | null;
  readonly last_synced_at: string | null;
  readonly filesystem_modified_at: string | null;
  readonly db_modified_at: string | null;
  readonly archived_at: string | null;
}

/** A spec as events tell it: they say the project beside it. */
export type Metadata = Omit<Spec, "project">;

export interface SpecPage {
  readonly specs: readonly Spec[];
  /** The cursor of the next page; null: this is the last. */
  readonly next: string | null;
}

/** Whether it has what a view goes by; the rest is taken on trust. */
export function isMetadata(value: unknown): value is Metadata {
  return isRecord(value) && typeof value["key"] === "string" && typeof value["id"] === "string" &&
    Number.isSafeInteger(value["version"]);
}

export function toSpecPage(value: unknown): SpecPage {
  const isSpec = (each: unknown): each is Spec =>
    isMetadata(each) && "project" in each && typeof each.project === "string";
  if (!isRecord(value)) throw new Garbled("a list of specs", value);
  const { specs, next } = value;
  if (!Array.isArray(specs) || !specs.every(isSpec) || (next !== null && typeof next !== "string")) {
    throw new Garbled("a list of specs", value);
  }
  return { specs, next };
}
