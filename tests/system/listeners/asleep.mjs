// Clients of Socket.IO that sleep until the daemon has given them up, as the pages of a browser may: they come back by
// themselves when they wake, and hear what they missed.
//
//   node asleep.mjs SPECD
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { withDaemon } from "./daemon.mjs";
import { SocketIo } from "./listeners.mjs";

const file = "while-you-slept.md";

async function sleep_and_listen({ daemon, transports, is_morning }) {
  const listener = new SocketIo({ transports });
  await listener.connect(daemon);
  listener.socket.on("connect", () => listener.subscribe());
  // In a timer, since what follows one is reading: what came meanwhile is heard before the client's own patience is over.
  await new Promise((done) => setTimeout(done));
  parentPort.postMessage("good night");
  Atomics.wait(is_morning, 0, 0);
  await listener.untilFile(file);
  listener.socket.disconnect();
}

async function watch(daemon) {
  const is_morning = new Int32Array(new SharedArrayBuffer(4));
  const { url, headers } = daemon;
  const sleepers = [["websocket"], ["polling"]].map((transports) =>
    new Worker(new URL(import.meta.url), { workerData: { daemon: { url, headers }, transports, is_morning } }));
  const ends = sleepers.map((sleeper) => once(sleeper, "exit"));
  await Promise.all(sleepers.map((sleeper) => once(sleeper, "message")));
  while ((await daemon.ask("realtime")).given_up < sleepers.length);
  daemon.put("x", file, "# A note\n");
  Atomics.store(is_morning, 0, 1);
  Atomics.notify(is_morning, 0);
  for (const [code] of await Promise.all(ends)) assert.equal(code, 0);
}

if (isMainThread) await withDaemon(process.argv[2], { SPECD_EVENTS_HEARTBEAT_SECONDS: "1" }, watch);
else await sleep_and_listen(workerData);
