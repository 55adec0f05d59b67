// The official client of Socket.IO beside the real program.
//
//   node socket_io.mjs SPECD
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { Daemon } from "./daemon.mjs";
import { io, SocketIo } from "./listeners.mjs";

const daemon = new Daemon(process.argv[2]);
before(() => daemon.start());
after(() => daemon.stop());

let edits = 0;
/// Saves a file whose name nobody had before.
function edit() {
  const name = `note-${++edits}.md`;
  daemon.put("x", name, "# A note\n");
  return name;
}
const filesOf = ({ heard }) => heard.flatMap(({ data }) => data.files ?? []).map((file) => file.split("/").at(-1));
const transportOf = ({ socket }) => socket.io.engine.transport.name;
async function listening(t, options) {
  const listener = new SocketIo(options);
  t.after(() => listener.socket.disconnect());
  const answer = await listener.connect(daemon);
  assert.deepEqual(answer.subscriptions?.map(({ id }) => id), ["default"], JSON.stringify(answer));
  return listener;
}
/// The words for who may not come in.
async function refusal(t, namespace, headers) {
  const socket = io(daemon.url + namespace, { extraHeaders: headers, reconnection: false, forceNew: true });
  t.after(() => socket.disconnect());
  return new Promise((refused, failed) => {
    socket.on("connect_error", refused);
    socket.on("connect", () => failed(new Error("it was let in")));
  });
}
/// Breaks the connection; where the client comes back to by itself, there is nobody until two edits have been made.
async function edited_meanwhile({ socket }) {
  const gone = new Promise((done) => socket.once("disconnect", done));
  socket.io.uri = "http://127.0.0.1:1/";
  socket.io.engine.close();
  await gone;
  const missed = [edit(), edit()];
  await daemon.ask("sync", { wait: true });
  socket.io.uri = daemon.url;
  return missed;
}

test("begins with polls, goes over to a WebSocket, and hears of a saved file", async (t) => {
  const listener = await listening(t);
  const { engine } = listener.socket.io;
  if (transportOf(listener) === "polling") await new Promise((done) => engine.once("upgrade", done));
  assert.equal(transportOf(listener), "websocket");
  const name = edit();
  await listener.untilFile(name);
  const [{ event, id, data }] = listener.heard;
  assert.equal(event, "spec.updated");
  assert.match(id, /^\d+-\d+$/);
  assert.equal(data.project, "app");
  assert.equal(data.id, "x");
  assert.ok(Array.isArray(data.changes), JSON.stringify(data));
  assert.equal(data.metadata.version, data.version);
});

test("says which members a saved file has changed", async (t) => {
  const listener = await listening(t);
  daemon.put("x", "tasks.md", "- [x] a\n- [ ] b\n");
  await listener.untilFile("tasks.md");
  const { data } = listener.heard[0];
  assert.ok(["tasks_done", "tasks_total"].every((member) => data.changes.includes(member)), JSON.stringify(data));
  assert.deepEqual([data.metadata.tasks_done, data.metadata.tasks_total], [1, 2]);
});

for (const transport of ["polling", "websocket"]) {
  test(`hears of a saved file over ${transport} alone`, async (t) => {
    const listener = await listening(t, { transports: [transport] });
    const names = [edit(), edit(), edit()];
    for (const name of names) await listener.untilFile(name);
    assert.deepEqual(filesOf(listener).sort(), names);
    assert.equal(transportOf(listener), transport);
  });
}

for (const has_heard of ["something", "nothing"]) {
  for (const transports of [["polling", "websocket"], ["polling"], ["websocket"]]) {
    test(`who had heard ${has_heard} over ${transports} hears once what a break hid from it`, async (t) => {
      const listener = await listening(t, { transports });
      const before = has_heard === "something" ? [edit()] : [];
      for (const name of before) await listener.untilFile(name);
      const back = new Promise((done) => listener.socket.once("connect", done));
      const missed = await edited_meanwhile(listener);
      await back;
      await listener.subscribe();
      for (const name of missed) await listener.untilFile(name);
      const last = edit();
      await listener.untilFile(last);
      assert.deepEqual(filesOf(listener).sort(), [...before, ...missed, last].sort(), String(listener));
    });
  }
}

test("there is no other namespace", async (t) => {
  assert.equal((await refusal(t, "other", daemon.headers)).message, "Invalid namespace");
  assert.equal((await refusal(t, "", daemon.headers)).message, "Invalid namespace");
});

test("nobody comes in without the token", async (t) => {
  for (const headers of [{}, { Authorization: "Bearer nonsense" }]) {
    const error = await refusal(t, "specs", headers);
    assert.equal(error.context?.status ?? error.description, 401, String(error));
  }
});

test("what cannot be subscribed to is acknowledged with why", async (t) => {
  const listener = await listening(t);
  const { error } = await listener.subscribe({ types: ["spec.eaten"] });
  assert.equal(error.code, "bad_subscription");
  assert.match(error.detail, /spec\.eaten/);
  const name = edit();
  await listener.untilFile(name); // by the subscription that it has
});
