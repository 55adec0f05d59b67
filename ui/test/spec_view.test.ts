import { strict as assert } from "node:assert";
import { test } from "node:test";
import { connect, SpecView, type Changes, type Spec, type SpecFilter } from "../src/realtime/index.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakeWire } from "./support/fake_wire.ts";
import { aSpec, eventOf } from "./support/specs.ts";

/** A view of a client whose event stream is open; its first list is asked for. */
async function bench(filter: SpecFilter = {}) {
  const wire = new FakeWire();
  const clock = new FakeClock();
  const client = connect({
    url: "http://127.0.0.1:4400/", token: "secret", clock, random: () => 0.5, fetch: wire.fetch, openSocket: null,
  });
  const view = new SpecView(client, filter);
  const changes: Changes[] = [];
  const states: string[] = [];
  view.onChange((each) => changes.push(each));
  view.onState((state) => states.push(state));
  const stream = () => wire.requests.findLast(({ url }) => url.pathname.endsWith("/events"))!;
  const b = {
    wire, clock, client, view, changes, states,
    get titles() {
      return Object.fromEntries([...view.specs].map(([key, { title }]) => [key, title]));
    },
    get list() {
      return wire.requests.findLast(({ url }) => url.pathname.endsWith("/specs"))!;
    },
    get lists() {
      return wire.requests.filter(({ url }) => url.pathname.endsWith("/specs"));
    },
    async open() {
      stream().stream();
      stream().write("retry: 1000\n: heartbeat_ms=15000\n:\nid: 1-1\n\n");
      await settle();
    },
    async tell(event: unknown, id = "1-9") {
      stream().write(`id: ${id}\nevent: x\ndata: ${JSON.stringify(event)}\n\n`);
      await settle();
    },
    async answer(...specs: Spec[]) {
      b.list.answer({ specs, next: null, total: null });
      await settle();
    },
    async drop() {
      stream().break();
      await settle();
    },
  };
  await b.open();
  return b;
}
const resync = { type: "resync" };
const none = { added: [], changed: [], removed: [] };

test("a view listens, reads, and is live", async () => {
  const b = await bench();
  assert.deepEqual([b.view.state, b.view.specs.size], ["catching-up", 0]);
  assert.equal(b.list.headers.get("Authorization"), "Bearer secret");
  await b.answer(aSpec("a"), aSpec("b"));
  assert.deepEqual(b.states, ["catching-up", "live"]);
  assert.deepEqual(b.changes, [{ ...none, added: ["a", "b"] }]);
  assert.deepEqual(b.view.specs.get("a"), aSpec("a"));
});

test("every page is read, by its cursor", async () => {
  const b = await bench();
  b.list.answer({ specs: [aSpec("a")], next: "x &y", total: null });
  await settle();
  assert.equal(b.list.url.searchParams.get("cursor"), "x &y");
  assert.equal(b.view.state, "catching-up");
  await b.answer(aSpec("b"));
  assert.deepEqual(Object.keys(b.titles), ["a", "b"]);
});

test("of named projects only their lists are read", async () => {
  const b = await bench({ projects: ["shop", "in/fra"] });
  assert.equal(b.list.url.pathname, "/api/v1/projects/shop/specs");
  await b.answer(aSpec("a"));
  assert.equal(b.list.url.pathname, "/api/v1/projects/in%2Ffra/specs");
  await b.answer(aSpec("b", { project: "in/fra" }));
  await b.tell(eventOf("spec.created", 3, aSpec("c", { project: "other" })));
  assert.deepEqual(Object.keys(b.titles), ["a", "b"]);
});

test("what is told changes the view at once, and is told on once for each message", async () => {
  const b = await bench();
  await b.answer(aSpec("a"), aSpec("b"), aSpec("c"));
  b.changes.length = 0;
  await b.tell(eventOf("spec.updated", 2, aSpec("a", { version: 2, title: "A" })));
  assert.deepEqual([b.changes, b.titles["a"]], [[{ ...none, changed: ["a"] }], "A"]);
  await b.tell({
    type: "specs.batch", count: 5, events: [
      eventOf("spec.renamed", 3, aSpec("a", { version: 3, id: "z" }), { from: "a" }),
      eventOf("spec.deleted", 4, aSpec("b", { version: 2 })),
      eventOf("spec.created", 5, aSpec("d")),
      eventOf("spec.created", 6, aSpec("e")),
      eventOf("spec.deleted", 7, aSpec("e", { version: 2 })),
    ],
  });
  assert.deepEqual(b.changes[1], { added: ["d"], changed: ["a"], removed: ["b"] });
  assert.equal(b.view.specs.get("a")!.id, "z");
  assert.equal(b.changes.length, 2);
});

test("what is older, or known, is not told on", async () => {
  const b = await bench();
  await b.answer(aSpec("a", { version: 5 }));
  b.changes.length = 0;
  for (const version of [4, 5]) await b.tell(eventOf("spec.updated", 2, aSpec("a", { version, title: "old" })));
  await b.tell(eventOf("spec.deleted", 3, aSpec("a", { version: 4 })));
  await b.tell({ type: "spec.praised", seq: 4 });
  assert.deepEqual([b.changes, b.titles], [[], { a: "a" }]);
});

test("a spec that was renamed into or out of a filter comes or goes", async () => {
  const b = await bench({ specs: ["E1"], children: true });
  await b.answer(aSpec("a", { id: "E1-1" }), aSpec("b", { id: "x" }));
  assert.deepEqual(Object.keys(b.titles), ["a"]);
  await b.tell(eventOf("spec.renamed", 2, aSpec("a", { id: "x", version: 2 }), { from: "E1-1" }));
  await b.tell(eventOf("spec.renamed", 3, aSpec("b", { id: "E1/b", version: 2 }), { from: "x" }));
  assert.deepEqual(b.changes.slice(1), [{ ...none, removed: ["a"] }, { ...none, added: ["b"] }]);
});

test("a project takes its specs with it, and what is told late of them is nothing", async () => {
  const b = await bench();
  await b.answer(aSpec("a"), aSpec("b", { project: "infra" }));
  await b.tell({ type: "project.removed", seq: 9, project: null, slug: "shop" });
  await b.tell(eventOf("spec.updated", 8, aSpec("a", { version: 2 })));
  await b.tell(eventOf("spec.updated", 8, aSpec("a", { version: 3 }), { project: null }));
  assert.deepEqual(Object.keys(b.titles), ["b"]);
  await b.tell(eventOf("spec.created", 10, aSpec("c")));
  assert.deepEqual(Object.keys(b.titles), ["b", "c"]);
  await b.tell(eventOf("spec.deleted", 11, aSpec("b", { version: 2 }), { project: null }));
  assert.deepEqual(Object.keys(b.titles), ["c"]);
});

test("after resync the old view stays until the new one is whole", async () => {
  const b = await bench();
  await b.answer(aSpec("a", { version: 9 }), aSpec("b"), aSpec("c"));
  const old = b.view.specs;
  b.changes.length = 0;
  await b.tell(resync);
  assert.equal(b.view.state, "catching-up");
  // Of a database that was brought back from a backup: its versions are lower.
  await b.tell(eventOf("spec.created", 3, aSpec("d")));
  await b.tell(eventOf("spec.deleted", 4, aSpec("c", { version: 2 })));
  assert.equal(b.view.specs, old);
  assert.deepEqual([b.changes, Object.keys(b.titles)], [[], ["a", "b", "c"]]);
  await b.answer(aSpec("a", { version: 2, title: "A" }), aSpec("b"), aSpec("c"));
  assert.deepEqual(b.changes, [{ added: ["d"], changed: ["a"], removed: ["c"] }]);
  assert.deepEqual(b.titles, { a: "A", b: "b", d: "d" });
});

test("a resync while the lists are read begins anew", async () => {
  const b = await bench();
  const first = b.list;
  await b.tell(resync);
  assert.ok(first.isOver);
  await b.answer(aSpec("a"));
  assert.deepEqual([b.lists.length, b.view.state, Object.keys(b.titles)], [2, "live", ["a"]]);
});

test("a view that comes back where it was reads nothing again", async () => {
  const b = await bench();
  await b.answer(aSpec("a"));
  await b.drop();
  assert.deepEqual([b.view.state, b.view.error], ["offline", "fetch failed"]);
  assert.deepEqual(Object.keys(b.titles), ["a"]);
  await b.clock.advance(500);
  await b.open();
  assert.deepEqual([b.view.state, b.view.error, b.lists.length], ["live", undefined, 1]);
});

test("a list that breaks off is read again, and nothing that was told meanwhile is lost", async () => {
  const b = await bench();
  b.list.break();
  await settle();
  assert.deepEqual([b.view.state, b.view.error], ["catching-up", "fetch failed"]);
  await b.tell(eventOf("spec.created", 3, aSpec("b")));
  assert.equal(b.view.specs.size, 0, "it is not whole yet");
  await b.clock.advance(250);
  assert.equal(b.view.error, undefined);
  await b.answer(aSpec("a"));
  assert.deepEqual(Object.keys(b.titles).sort(), ["a", "b"]);
});

test("lists that cannot be read are asked for less and less often, and when the server says so", async () => {
  const b = await bench();
  const keepAlive = async (ms: number) => {
    for (; ms > 0; ms -= 10_000) {
      await b.clock.advance(Math.min(ms, 10_000));
      await b.tell({ type: "spec.praised", seq: 4 });
    }
  };
  for (const waitMs of [250, 500, 1_000]) {
    b.list.answer({ garbage: true });
    await settle();
    const before = b.lists.length;
    await keepAlive(waitMs - 1);
    assert.equal(b.lists.length, before);
    await keepAlive(1);
    assert.equal(b.lists.length, before + 1);
  }
  b.list.refuse(503, "busy", { "Retry-After": "90" });
  await settle();
  const before = b.lists.length;
  await keepAlive(89_000);
  assert.equal(b.lists.length, before);
  await keepAlive(1_000);
  await b.answer(aSpec("a"));
  assert.equal(b.view.state, "live");
});

test("without a connection no lists are asked for; with it, at once", async () => {
  const b = await bench();
  b.list.break();
  await b.drop();
  await b.clock.advance(250);
  assert.deepEqual([b.view.state, b.lists.length], ["offline", 1]);
  await b.open();
  assert.equal(b.lists.length, 2);
});

test("who is refused has what there was", async () => {
  const b = await bench();
  await b.answer(aSpec("a"));
  await b.tell(resync);
  b.list.refuse(401, "unauthorized");
  await settle();
  assert.deepEqual([b.view.state, b.view.error, Object.keys(b.titles)], ["refused", "about unauthorized", ["a"]]);
  assert.equal(b.clock.timers, 0);
});

test("a view can be made of a client that is live already", async () => {
  const b = await bench();
  await b.answer(aSpec("a"));
  const other = new SpecView(b.client, { projects: ["shop"] });
  assert.equal(other.state, "catching-up");
  await b.answer(aSpec("a"));
  assert.deepEqual([other.state, [...other.specs.keys()]], ["live", ["a"]]);
});

test("a view that is closed stays as it is", async () => {
  const b = await bench();
  await b.answer(aSpec("a"));
  b.view.close();
  await b.tell(eventOf("spec.deleted", 3, aSpec("a", { version: 2 })));
  await b.tell(resync);
  assert.deepEqual([Object.keys(b.titles), b.lists.length], [["a"], 1]);
});

test("closing while the lists are read ends that", async () => {
  for (const close of ["view", "client"] as const) {
    const b = await bench();
    b[close].close();
    assert.ok(b.list.isOver);
    await b.answer(aSpec("a"));
    assert.deepEqual([b.view.specs.size, b.changes], [0, []]);
  }
});

test("a client that hears of some specs or types only has no views", () => {
  for (const subscription of [{ specs: ["a"] }, { types: ["spec.*"] }]) {
    const client = connect({ url: "http://127.0.0.1:1/", subscription, fetch: new FakeWire().fetch, openSocket: null });
    assert.throws(() => new SpecView(client), TypeError);
    client.close();
  }
});

test("a listener that throws harms neither the view nor other listeners", async (t) => {
  const said = t.mock.method(console, "error", () => {});
  const b = await bench();
  b.view.onChange(() => { throw new Error("mine"); });
  const heard: Changes[] = [];
  b.view.onChange((changes) => heard.push(changes));
  await b.answer(aSpec("a"));
  await b.tell(eventOf("spec.updated", 2, aSpec("a", { version: 2 })));
  assert.deepEqual(heard, b.changes);
  assert.deepEqual([heard.length, b.view.state, said.mock.callCount()], [2, "live", 2]);
});
