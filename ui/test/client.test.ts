import { strict as assert } from "node:assert";
import { test } from "node:test";
import { connect, type DaemonEvent, type Options } from "../src/realtime/index.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakeWire, type FakeSocket } from "./support/fake_wire.ts";
import { seeded } from "./support/random.ts";
import { aSpec, eventOf } from "./support/specs.ts";

const updated = eventOf("spec.updated", 7, aSpec("k"));

/** A client on a wire of the test's. */
function bench(options: Options = {}) {
  const wire = new FakeWire();
  const clock = new FakeClock();
  let wake = () => {};
  const client = connect({
    url: "http://127.0.0.1:4400", token: "secret", clock, random: () => 0.5,
    fetch: wire.fetch, openSocket: wire.openSocket,
    watchWakeups: (what) => {
      wake = what;
      return () => void (wake = () => {});
    },
    ...options,
  });
  const told: DaemonEvent["type"][] = [];
  const states: string[] = [];
  client.onEvent(({ type }) => told.push(type));
  client.onState((state) => states.push(state));
  return {
    wire, clock, client, told, states,
    wake: () => wake(),
    get socket() {
      return wire.sockets.at(-1)!;
    },
    get request() {
      return wire.requests.at(-1)!;
    },
    async socketFails() {
      wire.sockets.at(-1)!.break();
      await settle();
      wire.requests.at(-1)!.answer({ projects: [] });
      await settle();
    },
  };
}
function welcome(socket: FakeSocket, id = "1-5", heartbeat_ms = 15_000): void {
  socket.say({ event: "welcome", data: { heartbeat_ms } });
  socket.say({ event: "subscriptions", id, ref: socket.sent.at(-1)!["ref"], data: { subscriptions: [], throttle_ms: 0 } });
}
const since = (socket: FakeSocket) => socket.sent[0]?.["data"].since;

test("a WebSocket is subscribed when it is welcomed, and live when that is answered", () => {
  const { socket, client, told, states } = bench({ subscription: { projects: ["shop"] } });
  assert.equal(socket.url, "ws://127.0.0.1:4400/api/v1/ws");
  assert.deepEqual(socket.headers, { Authorization: "Bearer secret" });
  assert.equal(client.state, "connecting");
  socket.say({ event: "welcome", data: { heartbeat_ms: 15_000 } });
  assert.deepEqual(socket.sent, [{ event: "subscribe", ref: 1, data: { id: "all", projects: ["shop"] } }]);
  assert.deepEqual(states, []);
  socket.say({ event: "subscriptions", ref: 1, data: {} });
  assert.deepEqual([states, told, client.transport], [["live"], ["resync"], "websocket"]);
  socket.say({ event: "spec.updated", id: "1-7", data: updated });
  assert.deepEqual(told, ["resync", "spec.updated"]);
});

test("addresses below a path of a proxy keep it", () => {
  assert.equal(bench({ url: "https://host/specd" }).socket.url, "wss://host/specd/api/v1/ws");
  assert.equal(bench({ url: new URL("http://host/specd/") }).socket.url, "ws://host/specd/api/v1/ws");
});

test("who comes back goes on where it was, and hears no resync of its own", async () => {
  const b = bench();
  welcome(b.socket, "1-5");
  b.socket.say({ event: "spec.updated", id: "1-7.9", data: updated });
  b.socket.break();
  assert.deepEqual(b.states, ["live", "offline"]);
  await b.clock.advance(500);
  welcome(b.socket, "1-20");
  assert.equal(since(b.socket), "1-7.9");
  b.socket.break();
  await b.clock.advance(1_000);
  welcome(b.socket, "1-30");
  assert.equal(since(b.socket), "1-7.9", "what the answer says was not heard yet");
  b.socket.say({ event: "heartbeat", id: "1-30" });
  b.socket.break();
  await b.clock.advance(2_000);
  welcome(b.socket);
  assert.equal(since(b.socket), "1-30");
  assert.deepEqual(b.told, ["resync", "spec.updated"]);
});

test("who was cut off before anything was told begins where its subscription began", async () => {
  const b = bench();
  welcome(b.socket, "1-5");
  b.socket.break();
  await b.clock.advance(500);
  welcome(b.socket);
  assert.equal(since(b.socket), "1-5");
});

test("before the subscription counts, no heartbeat says how far we have heard", async () => {
  const b = bench();
  welcome(b.socket, "1-5");
  b.socket.break();
  await b.clock.advance(500);
  b.socket.say({ event: "welcome", data: {} });
  b.socket.say({ event: "heartbeat", id: "1-9" });
  b.socket.break();
  await b.clock.advance(1_000);
  welcome(b.socket);
  assert.equal(since(b.socket), "1-5");
});

test("what is missed may be told before the subscription is answered", async () => {
  const b = bench();
  welcome(b.socket, "1-5");
  b.socket.break();
  await b.clock.advance(500);
  b.socket.say({ event: "welcome", data: {} });
  b.socket.say({ event: "spec.updated", id: "1-7", data: updated });
  b.socket.break();
  await b.clock.advance(1_000);
  welcome(b.socket);
  assert.equal(since(b.socket), "1-7");
  assert.deepEqual(b.told, ["resync", "spec.updated"]);
});

test("two WebSockets in a row that do not open lead to an event stream; after that one is tried again", async () => {
  const b = bench();
  await b.socketFails();
  assert.equal(b.client.state, "offline");
  await b.clock.advance(500);
  assert.equal(b.wire.sockets.length, 2);
  await b.socketFails();
  await b.clock.advance(0);
  assert.equal(b.wire.sockets.length, 2);
  assert.equal(b.request.url.href, "http://127.0.0.1:4400/api/v1/events");
  assert.equal(b.request.headers.get("Authorization"), "Bearer secret");
  b.request.stream();
  b.request.write("retry: 1000\n: heartbeat_ms=15000\n:\nid: 1-5\n\n");
  await settle();
  assert.deepEqual([b.client.state, b.client.transport, b.told], ["live", "events", ["resync"]]);
  b.request.write(`id: 1-7\nevent: spec.updated\ndata: ${JSON.stringify(updated)}\n\n`);
  await settle();
  assert.deepEqual(b.told, ["resync", "spec.updated"]);
  b.request.end();
  await settle();
  await b.clock.advance(500);
  assert.equal(b.wire.sockets.length, 3);
  await b.socketFails();
  await b.clock.advance(0);
  assert.equal(b.wire.sockets.length, 3, "one failure is enough this time");
  assert.equal(b.request.url.searchParams.get("since"), "1-7");
  b.request.stream();
  b.request.write("retry: 1000\n: heartbeat_ms=15000\n:\n\n");
  await settle();
  assert.deepEqual([b.client.state, b.told.length], ["live", 2]);
});

test("a daemon that is away is not the WebSocket's fault", async () => {
  const b = bench();
  for (let attempt = 0; attempt < 5; ++attempt) {
    b.socket.break();
    await settle();
    b.request.break();
    await settle();
    assert.equal(b.client.error, "fetch failed");
    await b.clock.advance(b.clock.nextMs!);
  }
  assert.equal(b.wire.sockets.length, 6);
});

test("a WebSocket that is never welcomed has not opened", async () => {
  const b = bench();
  await b.clock.advance(10_000);
  assert.ok(b.socket.isClosed);
  assert.equal(b.client.error, "the daemon does not answer");
  await b.clock.advance(500 + 10_000);
  assert.equal(b.wire.sockets.length, 2);
  assert.match(b.request.url.pathname, /events$/);
});

test("a WebSocket that says only that something is wrong, as Node's does where it is refused, is over", async () => {
  const b = bench();
  b.socket.onerror?.(new Error("no"));
  await settle();
  assert.match(b.request.url.pathname, /projects$/);
  assert.ok(b.socket.isClosed);
  b.request.answer({});
  await settle();
  assert.equal(b.client.state, "offline");
});

test("another server's WebSocket has not opened", async () => {
  const b = bench();
  for (let attempt = 0; attempt < 2; ++attempt) {
    b.socket.say("hello");
    await settle();
    b.request.answer({});
    await settle();
    await b.clock.advance(1_000);
  }
  assert.match(b.request.url.pathname, /events$/);
});

test("a WebSocket that cannot be made has not opened", async () => {
  const wire = new FakeWire();
  const b = bench({ fetch: wire.fetch, openSocket: () => { throw new SyntaxError("headers?"); } });
  for (let attempt = 0; attempt < 2; ++attempt) {
    wire.requests.at(-1)!.answer({});
    await settle();
    await b.clock.advance(1_000);
  }
  assert.match(wire.requests.at(-1)!.url.pathname, /events$/);
});

test("without WebSockets there are event streams only", () => {
  const { request } = bench({ openSocket: null, subscription: { types: ["spec.*"] } });
  assert.match(request.url.href, /\/events\?types=spec\.\*$/);
});

test("attempts are spread over a time that doubles up to half a minute", async () => {
  const waits: number[][] = [];
  for (const chance of [0, 0.5, 1]) {
    const b = bench({ openSocket: null, random: () => chance });
    waits.push([]);
    for (let attempt = 0; attempt < 9; ++attempt) {
      b.request.break();
      await settle();
      waits.at(-1)!.push(b.clock.nextMs!);
      await b.clock.advance(b.clock.nextMs!);
    }
    b.client.close();
  }
  const bounds = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
  assert.deepEqual(waits, [bounds.map(() => 0), bounds.map((ms) => ms / 2), bounds]);
});

test("clients do not all come back at the same moment", async () => {
  const waits = new Set<number>();
  for (let seed = 0; seed < 100; ++seed) {
    const b = bench({ openSocket: null, random: seeded(seed) });
    b.request.break();
    await settle();
    waits.add(Math.floor(b.clock.nextMs! / 50));
    b.client.close();
  }
  assert.equal(waits.size, 10, "somebody comes in every twentieth of a second");
});

test("a connection that lasted makes up for the failures before it, a short one does not", async () => {
  for (const [lastsMs, waitMs] of [[9_000, 1_000], [11_000, 250]] as const) {
    const b = bench({ openSocket: null });
    for (let attempt = 0; attempt < 2; ++attempt) {
      b.request.break();
      await settle();
      await b.clock.advance(1_000);
    }
    b.request.stream();
    b.request.write(":\n\n");
    await settle();
    await b.clock.advance(lastsMs);
    b.request.end();
    await settle();
    assert.equal(b.clock.nextMs, waitMs);
    b.client.close();
  }
});

test("a server that is busy says when to come back, and nothing makes us come before", async () => {
  for (const text of ["120", new Date(new FakeClock().now() + 120_000).toUTCString()]) {
    const b = bench({ openSocket: null });
    b.request.refuse(503, "too_many_subscribers", { "Retry-After": text });
    await settle();
    assert.deepEqual([b.client.state, b.client.error], ["offline", "about too_many_subscribers"]);
    b.wake();
    await b.clock.advance(119_000);
    assert.equal(b.wire.requests.length, 1, text);
    await b.clock.advance(2_000);
    assert.equal(b.wire.requests.length, 2, text);
    b.client.close();
  }
});

test("the server of a WebSocket is asked when to come back, too", async () => {
  const b = bench();
  b.socket.break();
  await settle();
  b.request.refuse(503, "not_ready", { "Retry-After": "60" });
  await settle();
  await b.clock.advance(59_000);
  assert.equal(b.wire.sockets.length, 1);
  await b.clock.advance(1_000);
  assert.equal(b.wire.sockets.length, 2);
});

for (const [status, code] of [
  [401, "unauthorized"], [403, "foreign_origin"], [403, undefined], [400, "bad_subscription"], [404, "not_found"],
] as const) {
  test(`${status} ${code ?? "of another server"} ends it for good, with words`, async () => {
    for (const openSocket of [undefined, null]) {
      const b = bench(openSocket === null ? { openSocket } : {});
      if (openSocket === undefined) b.socket.break();
      await settle();
      b.request.refuse(status, code);
      await settle();
      assert.deepEqual([b.client.state, b.states], ["refused", ["refused"]]);
      assert.equal(b.client.error, code ? `about ${code}` : `the daemon answers ${status}`);
      b.wake();
      await b.clock.advance(1e7);
      assert.equal(b.wire.requests.length, 1);
      assert.equal(b.clock.timers, 0);
    }
  });
}

test("404 of another server, which may have taken its place for a while, is tried again", async () => {
  const b = bench({ openSocket: null });
  b.request.refuse(404);
  await settle();
  assert.equal(b.client.state, "offline");
});

test("a subscription that is refused ends it, one that cannot be had now does not", () => {
  for (const [code, state] of [["bad_subscription", "refused"], ["events_unreadable", "offline"]] as const) {
    const b = bench();
    b.socket.say({ event: "welcome", data: {} });
    b.socket.say({ event: "error", ref: 1, data: { code, detail: "there is no type \"x\"" } });
    assert.deepEqual([b.client.state, b.client.error, b.socket.isClosed], [state, 'there is no type "x"', true]);
    b.client.close();
  }
});

test("silence of two and a half heartbeats ends a connection", async () => {
  const b = bench();
  welcome(b.socket, "1-5", 2_000);
  for (let beat = 0; beat < 10; ++beat) {
    await b.clock.advance(4_900);
    b.socket.say({ event: "heartbeat", id: "1-6" });
  }
  assert.equal(b.client.state, "live");
  await b.clock.advance(4_999);
  assert.equal(b.client.state, "live");
  await b.clock.advance(1);
  assert.deepEqual([b.client.state, b.client.error], ["offline", "nothing is heard of the daemon any more"]);
  assert.ok(b.socket.isClosed);
});

for (const [said, heartbeatMs] of [["\n: heartbeat_ms=2000", 2_000], ["", 15_000]] as const) {
  test(`a comment in an event stream is a sign of life, every ${heartbeatMs} ms`, async () => {
    const b = bench({ openSocket: null });
    b.request.stream();
    b.request.write(`retry: 1000${said}\n:\nid: 1-5\n\n`);
    await settle();
    for (let beat = 0; beat < 5; ++beat) {
      await b.clock.advance(2.5 * heartbeatMs - 100);
      b.request.write(":\nid: 1-6\n\n");
      await settle();
    }
    assert.equal(b.client.state, "live");
    await b.clock.advance(2.5 * heartbeatMs);
    assert.equal(b.client.state, "offline");
    assert.ok(b.request.isOver);
    await b.clock.advance(250);
    assert.equal(b.request.url.searchParams.get("since"), "1-6");
  });
}

test("after a long sleep the connection is opened anew at once", async () => {
  const b = bench();
  welcome(b.socket, "1-5");
  await b.clock.sleep(3_600_000);
  assert.equal(b.wire.sockets.length, 2);
  assert.ok(b.wire.sockets[0]!.isClosed);
  welcome(b.socket);
  assert.equal(since(b.socket), "1-5");
});

test("after a short sleep a WebSocket is asked, and opened anew if it does not answer", async () => {
  for (const answers of [true, false]) {
    const b = bench();
    welcome(b.socket);
    await b.clock.sleep(20_000);
    assert.deepEqual(b.socket.sent.at(-1), { event: "subscriptions", ref: 2 });
    if (answers) b.socket.say({ event: "subscriptions", ref: 2, data: {} });
    await b.clock.advance(5_000);
    assert.equal(b.client.state, answers ? "live" : "offline");
    b.client.close();
  }
});

test("a page in the background, whose timers come late, keeps a connection on which things are heard", async () => {
  const b = bench({ openSocket: null });
  b.request.stream();
  b.request.write(":\n\n");
  await settle();
  for (let minute = 0; minute < 5; ++minute) {
    b.request.write(":\n\n");
    await settle();
    await b.clock.sleep(20_000);
  }
  assert.deepEqual([b.client.state, b.wire.requests.length], ["live", 1]);
});

test("when the network is back, or the page is shown again, nobody waits", async () => {
  const b = bench();
  welcome(b.socket);
  b.wake();
  assert.deepEqual(b.socket.sent.at(-1), { event: "subscriptions", ref: 2 });
  b.socket.break();
  b.wake();
  assert.equal(b.wire.sockets.length, 2);
  b.wake();
  assert.equal(b.wire.sockets.length, 2, "it is only just being opened");
  await b.clock.advance(3_000);
  b.wake();
  assert.equal(b.wire.sockets.length, 3);
});

test("garbage is not passed over: it begins anew, and everything has to be read again", async () => {
  for (const garbage of ["{", '{"event":"spec.updated","id":"1-8","data":{"type":"spec.updated"}}']) {
    const b = bench();
    welcome(b.socket);
    b.socket.say(garbage);
    assert.equal(b.client.state, "offline");
    assert.match(b.client.error!, /^expected a/);
    await b.clock.advance(500);
    welcome(b.socket);
    assert.equal(since(b.socket), undefined);
    assert.deepEqual(b.told, ["resync", "resync"]);
    b.client.close();
  }
});

test("garbage in an event stream is not passed over either", async () => {
  const b = bench({ openSocket: null });
  b.request.stream();
  b.request.write(":\nid: 1-5\n\ndata: {\n\n");
  await settle();
  assert.equal(b.client.state, "offline");
  await b.clock.advance(500);
  assert.equal(b.request.url.searchParams.has("since"), false);
});

test("a listener that throws harms nobody", (t) => {
  const said = t.mock.method(console, "error", () => {});
  const b = bench();
  const heard: string[] = [];
  b.client.onEvent(() => { throw new Error("mine"); });
  b.client.onEvent(({ type }) => heard.push(type));
  b.client.onState(() => { throw new Error("mine"); });
  welcome(b.socket);
  b.socket.say({ event: "spec.updated", id: "1-7", data: updated });
  assert.deepEqual([heard, b.client.state, said.mock.callCount()], [["resync", "spec.updated"], "live", 3]);
});

test("who does not want to hear any more hears nothing, even of what is being told", () => {
  const b = bench();
  const heard: string[] = [];
  b.client.onEvent(() => leave());
  const leave = b.client.onEvent(({ type }) => heard.push(type));
  welcome(b.socket);
  assert.deepEqual(heard, []);
});

test("a client that is closed is closed: whenever, and from within whatever it tells", async () => {
  const whens: ((b: ReturnType<typeof bench>) => void)[] = [
    (b) => b.client.close(),
    (b) => (welcome(b.socket), b.client.close()),
    (b) => (b.socket.break(), b.client.close()),
    (b) => (welcome(b.socket), b.socket.break(), b.client.close()),
    (b) => (b.client.onEvent(() => b.client.close()), welcome(b.socket)),
    (b) => (b.client.onState(() => b.client.close()), welcome(b.socket)),
  ];
  for (const [index, when] of whens.entries()) {
    const b = bench();
    when(b);
    await settle();
    for (const request of b.wire.requests) request.answer({});
    b.wake();
    await b.clock.advance(1e6);
    assert.deepEqual([b.client.state, b.wire.sockets.length, b.clock.timers], ["closed", 1, 0], `way ${index}`);
    assert.ok(b.socket.isClosed);
  }
});

test("an answer that does not come is not waited for", async () => {
  const b = bench();
  welcome(b.socket);
  const answer = b.client.get("api/v1/specs");
  const outcome = answer.then(() => "came", (error: Error) => error.message);
  await b.clock.advance(15_000);
  b.socket.say({ event: "heartbeat", id: "1-6" });
  await b.clock.advance(15_000);
  assert.equal(await outcome, "the daemon does not answer");
});

test("a daemon that forgets us while something is read ends it for good", async () => {
  const b = bench();
  welcome(b.socket);
  const outcome = b.client.get("api/v1/specs").catch((error: Error) => error.message);
  b.request.refuse(401, "unauthorized");
  assert.equal(await outcome, "about unauthorized");
  assert.equal(b.client.state, "refused");
});

