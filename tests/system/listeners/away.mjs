// A listener that was away while much was edited: it is told what it missed, or to read everything again where the log
// does not reach back so far; either way its view is then what the API says.
//
//   node away.mjs SPECD KIND
import { strict as assert } from "node:assert";
import { renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { withDaemon } from "./daemon.mjs";
import { kinds } from "./listeners.mjs";

const Database = createRequire(new URL("../../tools/node_modules/", import.meta.url))("better-sqlite3");
const [, , specd, kind] = process.argv;
const listener = kinds[kind]();
const kept = 100;

/// As docs/events.md says that one is kept.
class View {
  specs = new Map();
  resyncs = 0;
  #taken = 0;

  async read(daemon) {
    const { specs } = await daemon.ask("specs?limit=200");
    this.specs = new Map(specs.map((spec) => [spec.key, spec]));
  }
  /// All that was heard and not taken yet.
  async take(daemon) {
    for (const { event, data } of listener.heard.slice(this.#taken)) {
      ++this.#taken;
      if (event === "resync") {
        ++this.resyncs;
        await this.read(daemon);
      } else if (event === "spec.deleted") {
        this.specs.delete(data.key);
      } else if (event.startsWith("spec.") && !(this.specs.get(data.key)?.version > data.version)) {
        this.specs.set(data.key, { ...data.metadata, project: data.project });
      }
    }
  }
}
const view = new View();
const told = (specs) => Object.fromEntries(specs.map((spec) => [spec.key, spec]));

let edits = 0;
/// Of every spec one file.
function edit_all(daemon) {
  for (let i = 0; i < 30; ++i) daemon.put(`c${i}`, "tasks.md", `- [x] a\n- [ ] ${++edits}\n${"- [x] b\n".repeat(edits % 7)}`);
  return daemon.ask("sync", { wait: true });
}
/// After one edit more, which is told last.
async function assert_view_is_right(daemon) {
  const name = `note-${++edits}.md`;
  daemon.put("x", name, "# A note\n");
  await listener.untilFile(name);
  await daemon.ask("sync", { wait: true });
  await view.take(daemon);
  const { specs } = await daemon.ask("specs?limit=200");
  assert.deepEqual(told([...view.specs.values()]), told(specs));
}
/// When the log has been cut to what is kept of it.
async function log_is_cut() {
  const database = new Database(`${process.env.XDG_STATE_HOME}/specd/specd.db`, { readonly: true });
  const count = database.prepare("SELECT count(*) FROM events").pluck();
  const limit = Date.now() + 20_000;
  while (count.get() > kept && Date.now() < limit) await new Promise((tick) => setTimeout(tick, 10));
  assert.ok(count.get() <= kept, `there are ${count.get()} events`);
  database.close();
}

await withDaemon(specd, { SPECD_EVENTS_KEEP_COUNT: `${kept}`, SPECD_BATCH_SECONDS: "1" }, async (daemon) => {
  const changes = `${daemon.root}/openspec/changes`;
  await edit_all(daemon);
  await listener.connect(daemon);
  await view.read(daemon);
  await assert_view_is_right(daemon);

  listener.drop();
  await edit_all(daemon);
  rmSync(`${changes}/c1`, { recursive: true });
  renameSync(`${changes}/c2`, `${changes}/renamed`);
  await daemon.ask("sync", { wait: true });
  await listener.connect(daemon);
  await assert_view_is_right(daemon);
  assert.equal(view.resyncs, 0, "the log had all of it");

  listener.drop();
  rmSync(`${changes}/c3`, { recursive: true });
  renameSync(`${changes}/c4`, `${changes}/again`);
  for (let i = 0; i < 5; ++i) await edit_all(daemon);
  await daemon.stop("SIGTERM");
  await daemon.start();
  await log_is_cut();
  await listener.connect(daemon);
  await assert_view_is_right(daemon);
  assert.equal(view.resyncs, 1, "the log does not reach back so far");
}).finally(() => listener.drop());
