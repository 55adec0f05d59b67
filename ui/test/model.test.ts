// A client and its views beside a daemon, over a wire on which everything happens that happens to wires; what happens
// is drawn by a seed. When things calm down, the views have what the daemon has; and whenever a view says that it is
// live and nothing is on its way, it has that, too.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { connect, SpecView, type Spec, type SpecFilter } from "../src/realtime/index.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakeDaemon } from "./support/fake_daemon.ts";
import { seeded } from "./support/random.ts";
import { Served } from "./support/served.ts";

const runs = Number(process.env["SPECD_MODEL_RUNS"] ?? 120);
const firstSeed = Number(process.env["SPECD_MODEL_SEED"] ?? 1);
const steps = 150;

class World {
  readonly daemon = new FakeDaemon();
  readonly served = new Served(this.daemon);
  readonly clock = new FakeClock();
  readonly chance: () => number;
  readonly client;
  readonly views: { readonly view: SpecView; readonly filter: SpecFilter; readonly mirror: Map<string, Spec> }[] = [];

  constructor(seed: number) {
    this.chance = seeded(seed);
    this.daemon.addProject("shop");
    this.daemon.addProject("infra");
    for (const id of ["E1", "E1-1", "x"]) this.daemon.create("shop", id);
    this.daemon.create("infra", "y");
    this.client = connect({
      url: "http://127.0.0.1:4400", token: "secret", clock: this.clock, random: this.chance,
      fetch: this.served.wire.fetch, openSocket: this.served.wire.openSocket,
    });
    for (const filter of [{}, { projects: ["shop"] }, { specs: ["E1", "*y*"], children: true }]) this.#watch(filter);
  }

  #watch(filter: SpecFilter): void {
    const view = new SpecView(this.client, filter);
    const mirror = new Map<string, Spec>();
    view.onChange(({ added, changed, removed }) => {
      for (const key of added) assert.ok(!mirror.has(key), `${key} is added twice`);
      for (const key of [...changed, ...removed]) assert.ok(mirror.has(key), `${key} was never added`);
      for (const key of [...added, ...changed]) mirror.set(key, view.specs.get(key)!);
      for (const key of removed) mirror.delete(key);
    });
    this.views.push({ view, filter, mirror });
  }

  pick<T>(from: Iterable<T>): T | undefined {
    const all = [...from];
    return all[Math.floor(this.chance() * all.length)];
  }

  edit(): void {
    const { daemon } = this;
    const key = this.pick(daemon.specs.keys());
    const project = this.pick(daemon.projects.keys());
    const id = this.pick(["E1", "E1-1", "E1/a", "E2", "x", "y", "my", "z"])!;
    const gone = this.pick(daemon.deleted);
    const kind = this.chance();
    if (kind < 0.02 && project) daemon.removeProject(project);
    else if (kind < 0.1) {
      const missing = ["shop", "infra"].find((slug) => !daemon.projects.has(slug));
      if (missing) daemon.addProject(missing);
    } else if (kind < 0.3 && project) daemon.create(project, id);
    else if (kind < 0.4 && gone) daemon.revive(gone.key);
    else if (key && kind < 0.6) daemon.update(key);
    else if (key && kind < 0.8) daemon.rename(key, id);
    else if (key) daemon.delete(key);
  }

  async mishap(): Promise<void> {
    const { daemon, served } = this;
    const kind = this.chance();
    if (kind < 0.3) this.pick(served.sessions)?.break();
    else if (kind < 0.4) served.hasSockets = !served.hasSockets;
    else if (kind < 0.55) (served.isAway = !served.isAway) && served.breakAll();
    else if (kind < 0.65) daemon.backUp();
    else if (kind < 0.75) await this.clock.sleep(this.chance() * 120_000);
    else if (kind < 0.85) daemon.trim();
    else {
      served.breakAll();
      if (kind < 0.92) daemon.restore();
      else daemon.restart();
    }
  }

  async step(): Promise<void> {
    const { served } = this;
    const kind = this.chance();
    if (kind < 0.25) this.edit();
    else if (kind < 0.4) this.pick(served.sessions)?.session.pump();
    else if (kind < 0.6) this.pick(served.sessions)?.session.arrive();
    else if (kind < 0.7) this.#look();
    else if (kind < 0.8) this.#answer();
    else if (kind < 0.85) this.pick(served.sessions)?.session.beat();
    else if (kind < 0.95) await this.clock.advance(this.chance() * 3_000);
    else await this.mishap();
    await settle();
    this.check();
  }

  /** In any order. */
  #look(): void {
    const request = this.pick(this.served.asked);
    if (request) this.served.look(request);
  }
  #answer(): void {
    const { answers } = this.served;
    const at = Math.floor(this.chance() * answers.length);
    for (const answer of answers.splice(at, 1)) answer();
  }

  /** Nothing goes wrong any more. */
  async calm(): Promise<void> {
    const { served } = this;
    served.isAway = false;
    for (let round = 0; round < 400; ++round) {
      for (const { session } of [...served.sessions]) session.pump();
      for (const request of [...served.asked]) served.look(request);
      for (const answer of served.answers.splice(0)) answer();
      for (const { session } of [...served.sessions]) while (!session.isQuiet) session.arrive();
      await settle();
      if (this.views.every(({ view }) => view.state === "live") && this.isQuiet) return;
      for (const { session } of served.sessions) session.beat();
      await this.clock.advance(1_000);
    }
    assert.fail(`never live: ${this.views.map(({ view }) => view.error)}`);
  }

  get isQuiet(): boolean {
    const { sessions, answers, asked } = this.served;
    return answers.length === 0 && asked.length === 0 && sessions.length === 1 &&
      sessions.every(({ session }) => session.isQuiet && this.daemon.after(session.cursor).length === 0);
  }

  check(): void {
    for (const { view, filter, mirror } of this.views) {
      assert.deepEqual(mirror, new Map(view.specs), "what was told is not what there is");
      if (view.state === "live" && this.isQuiet) assert.deepEqual(sorted(view.specs), sorted(this.wanted(filter)));
    }
  }

  wanted({ projects, specs }: SpecFilter): Map<string, Spec> {
    const matches = ({ project, id }: Spec) =>
      (!projects || projects.includes(project)) && (!specs || id === "E1" || id.includes("y") || /^E1[-/]/.test(id));
    return new Map([...this.daemon.specs].filter(([, spec]) => matches(spec)));
  }
}

const sorted = (specs: ReadonlyMap<string, Spec>) => [...specs.values()].sort((a, b) => (a.key < b.key ? -1 : 1));

test(`${runs} worlds in which anything happens: in the end the views have what the daemon has`, async () => {
  const transports = new Set();
  for (let seed = firstSeed; seed < firstSeed + runs; ++seed) {
    const world = new World(seed);
    try {
      for (let step = 0; step < steps; ++step) {
        await world.step();
        transports.add(world.client.transport);
      }
      await world.calm();
      world.check();
    } catch (error) {
      throw new Error(`SPECD_MODEL_SEED=${seed} SPECD_MODEL_RUNS=1: ${(error as Error).message}`, { cause: error });
    } finally {
      world.client.close();
    }
    assert.equal(world.clock.timers, 0, `seed ${seed}: a timer is left`);
  }
  assert.deepEqual([...transports].map(String).sort(), ["events", "undefined", "websocket"]);
});
