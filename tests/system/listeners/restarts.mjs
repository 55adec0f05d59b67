// A daemon that is killed while files are saved, and listeners that come back: by the numbers of the events, nothing is
// missing and nothing came twice.
//
//   node restarts.mjs SPECD KIND
import { strict as assert } from "node:assert";
import { withDaemon } from "./daemon.mjs";
import { kinds } from "./listeners.mjs";

const [, , specd, kind] = process.argv;
const listener = kinds[kind]();
await withDaemon(specd, {}, async (daemon) => {
  let edits = 0;
  const edit = () => {
    const name = `note-${++edits}.md`;
    daemon.put(`x${edits % 3}`, name, "# A note\n");
    return name;
  };
  await listener.connect(daemon);
  await listener.untilFile(edit());
  for (let round = 0; round < 5; ++round) {
    const told = [edit(), edit()];
    if (round % 2) for (const name of told) await listener.untilFile(name);
    edit(); // which it may commit, and tell, or not
    await daemon.stop("SIGKILL");
    edit();
    await daemon.start();
    edit();
    await listener.connect(daemon);
    edit();
  }
  await listener.untilFile(edit());
  const numbers = listener.heard.map(({ data }) => data.seq).sort((one, other) => one - other);
  assert.ok(numbers.length > 10, String(listener));
  assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i), String(listener));
  const epochs = new Set(listener.heard.map(({ id }) => id.split("-")[0]));
  assert.equal(epochs.size, 1, "a crash of the daemon alone is no new epoch");
  const files = new Set(listener.heard.flatMap(({ data }) => data.files ?? []));
  assert.ok(files.size >= edits, `${edits} edits, of which these were told: ${[...files]}`);
}).finally(() => listener.drop());
