// Lists and events reach a view in any order. Here they come in every order: over two edits, whose events arrive any
// time later, and a list of two pages, each of which is looked at and arrives at any time.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ClientState } from "../src/realtime/client.ts";
import type { DaemonEvent } from "../src/realtime/event.ts";
import { Problem } from "../src/realtime/http.ts";
import { SpecView, type SpecSource } from "../src/realtime/spec_view.ts";
import { FakeDaemon } from "./support/fake_daemon.ts";

interface Asked {
  readonly path: string;
  readonly resolve: (value: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** A source whose user decides when a list is looked at, and when it arrives. */
class HandMadeSource implements SpecSource {
  readonly subscription = {};
  readonly clock = { now: () => 0, after: () => () => {} };
  readonly random = () => 0;
  readonly state: ClientState = "live";
  readonly error = undefined;
  tell: (event: DaemonEvent) => void = () => {};
  asked: Asked[] = [];

  get(path: string, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => this.asked.push({ path, resolve, signal }));
  }
  onEvent(listener: (event: DaemonEvent) => void) {
    this.tell = listener;
    return () => {};
  }
  onState() {
    return () => {};
  }
}

/** Runs through all ways of choosing, one for each run (as in TigerBeetle's exhaustigen). */
class EveryWay {
  #taken: { chosen: number; of: number }[] = [];
  #at = 0;

  pick(of: number): number {
    if (this.#at === this.#taken.length) this.#taken.push({ chosen: 0, of });
    return this.#taken[this.#at++]!.chosen;
  }
  /** Whether there is another way. */
  next(): boolean {
    this.#at = 0;
    for (let last = this.#taken.pop(); last; last = this.#taken.pop()) {
      if (last.chosen + 1 === last.of) continue;
      this.#taken.push({ chosen: last.chosen + 1, of: last.of });
      return true;
    }
    return false;
  }
}

/** What can happen, to the first of two specs or to both. */
const edits: Record<string, (daemon: FakeDaemon) => void> = {
  "one is created": (daemon) => {
    if (!daemon.projects.has("shop")) daemon.addProject("shop");
    daemon.create("shop", "b");
  },
  "one is updated": (daemon) => first(daemon, (key) => daemon.update(key)),
  "one goes": (daemon) => first(daemon, (key) => daemon.delete(key)),
  "one comes back": (daemon) => void (daemon.deleted[0] && daemon.revive(daemon.deleted[0].key)),
  "one goes on to a later page": (daemon) => first(daemon, (key) => daemon.rename(key, "z")),
  "one goes back to an earlier page": (daemon) => last(daemon, (key) => daemon.rename(key, "0")),
  "the project goes": (daemon) => void (daemon.projects.has("shop") && daemon.removeProject("shop")),
};
function first(daemon: FakeDaemon, what: (key: string) => void): void {
  const [key] = daemon.specs.keys();
  if (key) what(key);
}
function last(daemon: FakeDaemon, what: (key: string) => void): void {
  const key = [...daemon.specs.keys()].at(-1);
  if (key) what(key);
}

async function run(way: EveryWay, plan: readonly (keyof typeof edits)[]): Promise<void> {
  const daemon = new FakeDaemon();
  daemon.pageSize = 1;
  daemon.addProject("shop");
  daemon.create("shop", "a");
  daemon.create("shop", "c");
  let cursor = daemon.latest;
  const source = new HandMadeSource();
  const view = new SpecView(source);
  const mirror = new Map<string, unknown>();
  view.onChange(({ added, changed, removed }) => {
    for (const key of [...added, ...changed]) mirror.set(key, view.specs.get(key));
    for (const key of removed) mirror.delete(key);
  });

  const todo = plan.map((name) => edits[name]!);
  const answers: (() => void)[] = [];
  for (;;) {
    const steps: (() => void)[] = [];
    const edit = todo[0];
    if (edit) steps.push(() => void (todo.shift(), edit(daemon)));
    const letters = daemon.after(cursor);
    if (letters.length > 0) {
      steps.push(() => {
        for (const { id, event } of letters) source.tell((cursor = id, event));
      });
    }
    const request = (source.asked = source.asked.filter(({ signal }) => !signal?.aborted))[0];
    if (request) {
      steps.push(() => {
        source.asked.shift();
        const query = new URL(request.path, "http://daemon/").searchParams;
        const page = daemon.list(undefined, query.get("cursor") ?? "");
        answers.push(() => request.resolve(page));
      });
    }
    const answer = answers[0];
    if (answer) steps.push(() => void (answers.shift(), answer()));
    if (steps.length === 0) break;
    steps[steps.length === 1 ? 0 : way.pick(steps.length)]!();
    for (let turns = 0; turns < 12; ++turns) await undefined;
  }
  assert.equal(view.state, "live");
  assert.deepEqual(new Map([...view.specs].sort()), new Map([...daemon.specs].sort()));
  assert.deepEqual(new Map([...mirror].sort()), new Map([...daemon.specs].sort()));
}

for (const one of Object.keys(edits)) {
  test(`${one}, then anything: whenever lists and events come, the view is right in the end`, async () => {
    for (const other of Object.keys(edits)) {
      const way = new EveryWay();
      do {
        try {
          await run(way, [one, other]);
        } catch (error) {
          throw new Error(`${one}, then ${other}: ${(error as Error).message}`, { cause: error });
        }
      } while (way.next());
    }
  });
}

test("a project that is not there has no specs", async () => {
  const source = new HandMadeSource();
  source.get = () => Promise.reject(new Problem("there is no project", { status: 404, code: "not_found" }));
  const view = new SpecView(source, { projects: ["none"] });
  for (let turns = 0; turns < 12; ++turns) await undefined;
  assert.equal(view.state, "live");
  assert.equal(view.specs.size, 0);
});
