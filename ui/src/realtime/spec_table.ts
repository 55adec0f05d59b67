import type { ChangeLog } from "./changes.ts";
import type { DaemonEvent, ProjectEvent, SpecEvent } from "./event.ts";
import type { Spec } from "./spec.ts";

/**
 * Specs by key, out of lists and events in whatever order they come: of each spec, what has the greater version stands.
 * What went is remembered with its version, too, so that an older list cannot bring it back.
 */
export class SpecTable {
  readonly specs = new Map<string, Spec>();
  readonly #matches: (spec: Spec) => boolean;
  readonly #gone = new Map<string, number>();  // key to version
  readonly #removals = new Map<string, number>();  // of projects: slug to `seq`

  /** Has nothing that does not match. */
  constructor(matches: (spec: Spec) => boolean) {
    this.#matches = matches;
  }

  list(specs: readonly Spec[]): void {
    for (const spec of specs) this.#put(spec);
  }

  hear(event: DaemonEvent, log?: ChangeLog): void {
    switch (event.type) {
      case "spec.created":
      case "spec.updated":
      case "spec.renamed":
      case "spec.deleted":
        return this.#hearOfSpec(event, log);
      case "specs.batch":
        for (const each of event.events) this.#hearOfSpec(each, log);
        return;
      case "project.removed":
        return this.#removeProject(event, log);
      default:  // of no spec
    }
  }

  #hearOfSpec(event: SpecEvent, log?: ChangeLog): void {
    const { key, project, version, metadata } = event;
    // What becomes of projects is told ahead of its turn: this may be from before.
    if (project !== null && event.seq < (this.#removals.get(project) ?? 0)) return;
    if (project !== null && event.type !== "spec.deleted") this.#put({ ...metadata, project, version }, log);
    else if (this.#isNews(key, version)) this.#remove(key, version, log);
  }

  /** If it was added again meanwhile, a list may have had its new specs. Those are still to be told: none is `gone`. */
  #removeProject({ slug, seq }: ProjectEvent, log?: ChangeLog): void {
    this.#removals.set(slug, seq);
    for (const [key, spec] of this.specs) {
      if (spec.project !== slug) continue;
      log?.note(key, spec);
      this.specs.delete(key);
    }
  }

  #put(spec: Spec, log?: ChangeLog): void {
    if (!this.#isNews(spec.key, spec.version)) return;
    if (!this.#matches(spec)) return this.#remove(spec.key, spec.version, log);
    log?.note(spec.key, this.specs.get(spec.key));
    this.#gone.delete(spec.key);
    this.specs.set(spec.key, spec);
  }

  #remove(key: string, version: number, log?: ChangeLog): void {
    log?.note(key, this.specs.get(key));
    this.specs.delete(key);
    this.#gone.set(key, version);
  }

  #isNews(key: string, version: number): boolean {
    return version > (this.specs.get(key)?.version ?? this.#gone.get(key) ?? -1);
  }
}
