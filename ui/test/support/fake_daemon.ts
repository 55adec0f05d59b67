// A daemon as docs/events.md describes it: specs with versions, an outbox of events, cursors, and lists by pages.

import { strict as assert } from "node:assert";
import type { BatchEvent, DaemonEvent, ProjectEvent, SpecEvent } from "../../src/realtime/event.ts";
import type { Spec } from "../../src/realtime/spec.ts";
import { aSpec, eventOf } from "./specs.ts";

type Stored = SpecEvent | ProjectEvent;
export interface Letter {
  readonly id: string;
  readonly event: DaemonEvent;
}

const isUrgent = (event: Stored): event is ProjectEvent => event.type.startsWith("project.");

export class FakeDaemon {
  pageSize = 2;
  /** More than so many of specs at once are one batch. */
  maxSingle = 3;
  readonly specs = new Map<string, Spec>();
  projects = new Map<string, number>();  // slug to a number that is never used again
  #epoch = 1;
  #seq = 0;
  #trimmed = 0;
  #outbox: { readonly event: Stored; readonly project: number }[] = [];
  #deleted = new Map<string, Spec>();
  #ids = 0;
  #slugs = new Map<number, string>();  // as far as this process knows them
  #backup: (() => void) | undefined;

  get latest(): string {
    return `${this.#epoch}-${this.#seq}`;
  }
  get deleted(): readonly Spec[] {
    return [...this.#deleted.values()];
  }

  addProject(slug: string): void {
    this.projects.set(slug, ++this.#ids);
    this.#tellOfProject("project.added", slug);
  }
  removeProject(slug: string): void {
    this.#tellOfProject("project.removed", slug);
    for (const map of [this.specs, this.#deleted]) {
      for (const spec of map.values()) if (spec.project === slug) map.delete(spec.key);
    }
    this.projects.delete(slug);
  }
  create(project: string, id: string): Spec {
    return this.#write("spec.created", aSpec(`key-${++this.#ids}`, { project, id }));
  }
  update(key: string, more: Partial<Spec> = {}): void {
    const spec = this.#get(key);
    this.#write("spec.updated", { ...spec, title: `${spec.title}'`, ...more, version: spec.version + 1 });
  }
  rename(key: string, id: string): void {
    const spec = this.#get(key);
    this.#write("spec.renamed", { ...spec, id, version: spec.version + 1 }, { from: spec.id });
  }
  delete(key: string): void {
    const spec = this.#get(key);
    this.specs.delete(key);
    const last = { ...spec, version: spec.version + 1 };
    this.#deleted.set(key, last);
    this.#tell(eventOf("spec.deleted", ++this.#seq, last));
  }
  revive(key: string): void {
    const spec = this.#deleted.get(key);
    assert.ok(spec);
    this.#deleted.delete(key);
    this.#write("spec.created", { ...spec, version: spec.version + 1 });
  }

  /** Another process on the same database. */
  restart(): void {
    this.#slugs = new Map();
  }
  trim(): void {
    this.#trimmed = this.#seq;
    this.#outbox = [];
  }
  backUp(): void {
    const specs = [...this.specs], deleted = [...this.#deleted], projects = [...this.projects];
    this.#backup = () => {
      this.specs.clear();
      for (const [key, spec] of specs) this.specs.set(key, spec);
      this.#deleted = new Map(deleted);
      this.projects = new Map(projects);
    };
  }
  /** The database as it was: versions and numbers of events are used again. */
  restore(): void {
    this.#backup?.();
    this.#epoch += 1;
    this.#seq = this.#trimmed = 0;
    this.#outbox = [];
    this.restart();
  }

  /** A page, by id as lists are; undefined: no such project. */
  list(project: string | undefined, cursor: string): { specs: Spec[]; next: string | null; total: null } | undefined {
    if (project !== undefined && !this.projects.has(project)) return undefined;
    const order = ({ project, id, key }: Spec) => `${project} ${id} ${key}`;
    const rest = [...this.specs.values()]
      .filter((spec) => (project === undefined || spec.project === project) && order(spec) > cursor)
      .sort((one, other) => (order(one) < order(other) ? -1 : 1));
    const specs = rest.slice(0, this.pageSize);
    const last = specs.at(-1);
    return { specs, next: last && rest.length > this.pageSize ? order(last) : null, total: null };
  }

  /** What comes after a cursor, as one delivery. */
  after(cursor: string): Letter[] {
    const found = /^(\d+)-(\d+)(?:\.(\d+))?$/.exec(cursor);
    assert.ok(found, cursor);
    const [epoch, at, urgent] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
    if (epoch !== this.#epoch || at < this.#trimmed || at > this.#seq) {
      return [{ id: this.latest, event: { type: "resync" } }];
    }
    const events = this.#outbox.filter(({ event }) => event.seq > at).map((each) => this.#spoken(each));
    const first = events.filter(isUrgent).filter(({ seq }) => seq > urgent);
    const rest = events.filter((event) => !isUrgent(event)) as SpecEvent[];
    let had = urgent;
    const id = (to: number) => `${epoch}-${to}${had > to ? `.${had}` : ""}`;
    const letters: Letter[] = [];
    for (const event of first) {
      had = event.seq;
      letters.push({ id: id(at), event });
    }
    if (rest.length > this.maxSingle) {
      const batch: BatchEvent = { type: "specs.batch", count: rest.length, events: rest };
      letters.push({ id: id(this.#seq), event: batch });
    } else {
      for (const event of rest) letters.push({ id: id(event.seq), event });
    }
    return letters;
  }

  #get(key: string): Spec {
    const spec = this.specs.get(key);
    assert.ok(spec);
    return spec;
  }
  #write(type: SpecEvent["type"], spec: Spec, more: Partial<SpecEvent> = {}): Spec {
    this.specs.set(spec.key, spec);
    this.#tell(eventOf(type, ++this.#seq, spec, more));
    return spec;
  }
  #tellOfProject(type: ProjectEvent["type"], slug: string): void {
    this.#tell({
      type, seq: ++this.#seq, project: slug, key: null, origin: "api", actor: null, slug, root: `/${slug}`,
      timestamp: "2027-01-15T08:00:00.000000Z",
    });
  }
  #tell(event: Stored): void {
    this.#outbox.push({ event, project: this.projects.get(event.project!)! });
  }
  /** Who has forgotten a project does not know what it was called. */
  #spoken({ event, project }: { event: Stored; project: number }): Stored {
    if (this.projects.get(event.project!) === project) this.#slugs.set(project, event.project!);
    return { ...event, project: this.#slugs.get(project) ?? null };
  }
}
