// Follows a real daemon while files of a project change and connections break, and compares with what the API says.
//
//   node follow.ts DAEMON_URL TOKEN PROJECT_FOLDER websocket|events|any [SEED]
//
// Ends with 0 when all was well.

import { strict as assert } from "node:assert";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { connect, SpecView, type OpenSocket, type Spec, type SpecFilter } from "../../src/realtime/index.ts";
import { openSocket } from "../../src/realtime/socket_link.ts";
import { seeded } from "../support/random.ts";

const [daemonUrl = "", token = "", folder = "", transport = "any", seed = "1"] = process.argv.slice(2);
const chance = seeded(Number(seed));
const below = (count: number) => Math.floor(chance() * count);

/** What the client has open, so that it can be broken. */
const open = new Set<() => void>();
const breakAll = () => open.forEach((breakIt) => breakIt());
const breakableFetch: typeof fetch = (input, init) => {
  const breaking = new AbortController();
  open.add(() => breaking.abort(new TypeError("broken")));
  return fetch(input, { ...init, signal: AbortSignal.any([breaking.signal, ...(init?.signal ? [init.signal] : [])]) });
};
const breakableSocket: OpenSocket = (url, headers) => {
  const socket = openSocket(url, headers);
  open.add(() => socket.close());
  return socket;
};

/** Asked beside the client. */
async function ask(path: string, body?: unknown): Promise<any> {
  const headers = { Authorization: `Bearer ${token}` };
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(daemonUrl + path, init);
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

const changes = `${folder}/openspec/changes`;
const folders = async () => (await readdir(changes)).filter((name) => name !== "archive");
async function write(id: string): Promise<void> {
  const tasks = Array.from({ length: below(5) }, (_, line) => `- [${below(2) ? "x" : " "}] ${line}\n`).join("");
  await mkdir(`${changes}/${id}`, { recursive: true });
  await writeFile(`${changes}/${id}/.new`, `# Tasks\n\n${tasks}`);
  await rename(`${changes}/${id}/.new`, `${changes}/${id}/tasks.md`);
}

let made = 0;
/** One of what people do to specs. */
async function edit(): Promise<void> {
  const there = await folders();
  const one = there[below(there.length)];
  const kind = below(10);
  if (!one || kind < 3) await write(`E${below(3)}-${++made}`);
  else if (kind < 6) await write(one);
  else if (kind < 8) await rename(`${changes}/${one}`, `${changes}/E${below(3)}-${++made}`);
  else await rm(`${changes}/${one}`, { recursive: true });
}
async function checkOut(): Promise<void> {
  await Promise.all(Array.from({ length: 40 }, () => write(`E${below(3)}-${++made}`)));
}

const byKey = (specs: Iterable<Spec>) => [...specs].sort((one, other) => (one.key < other.key ? -1 : 1));

/** Until the view has what the API says when everything on disk is in the database. */
async function inStep(view: SpecView, matches: (spec: Spec) => boolean): Promise<void> {
  const settled = await ask("api/v1/sync", { wait: true, timeout_ms: 20_000 });
  assert.ok(settled.in_step, JSON.stringify(settled));
  const { specs }: { specs: Spec[] } = await ask("api/v1/specs");
  const expected = byKey(specs.filter(matches));
  const isThere = () => view.state === "live" && JSON.stringify(byKey(view.specs.values()).map(sorted)) ===
    JSON.stringify(expected.map(sorted));
  await new Promise<void>((done) => {
    const look = () => {
      if (!isThere()) return;
      leave.forEach((each) => each());
      clearTimeout(limit);
      done();
    };
    const limit = setTimeout(done, 20_000);
    const leave = [view.onChange(look), view.onState(look)];
    look();
  });
  assert.equal(view.state, "live", view.error);
  assert.deepEqual(byKey(view.specs.values()), expected);
}
const sorted = (spec: Spec) =>
  Object.fromEntries(Object.entries(spec).sort(([one], [other]) => (one < other ? -1 : 1)));

const client = connect({
  url: daemonUrl, token, fetch: breakableFetch, openSocket: transport === "events" ? null : breakableSocket,
});
const views: [SpecFilter, (spec: Spec) => boolean][] = [
  [{}, () => true],
  [{ projects: ["app"], specs: ["E1"], children: true },
    ({ project, id }) => project === "app" && id.startsWith("E1-")],
];
const followed = views.map(([filter, matches]) => ({ view: new SpecView(client, filter), matches }));
try {
  for (let round = 0; round < 8; ++round) {
    for (let edits = 1 + below(6); edits > 0; --edits) await edit();
    if (round % 4 === 1) await checkOut();
    if (round % 3 === 1) breakAll();
    for (const { view, matches } of followed) await inStep(view, matches);
    if (transport !== "any") assert.equal(client.transport, transport);
  }
  // A project that goes takes its specs with it, for whoever listens and for whoever comes back.
  for (const isListening of [true, false]) {
    if (!isListening) breakAll();
    const gone = await fetch(`${daemonUrl}api/v1/projects/app?force=true`,
      { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });
    assert.equal(gone.status, 204);
    for (const { view, matches } of followed) await inStep(view, matches);
    assert.equal(followed[0]!.view.specs.size, 0);
    await ask("api/v1/projects", { root: folder, slug: "app" });
    for (const { view, matches } of followed) await inStep(view, matches);
    assert.equal(followed[0]!.view.specs.size, (await folders()).length);
  }
  console.log(`followed ${made} specs over ${client.transport}`);
} finally {
  client.close();
}
