// The program and a project of it, for scripts that start, kill and restart it. Environment and folder are those of the
// test that runs the script.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

export class Daemon {
  /// Of the API; another one after each start.
  url = "";
  root = `${process.env.HOME}/app`;
  #program;
  #settings;
  #process;

  /// `settings`: environment variables.
  constructor(program, settings = {}) {
    this.#program = program;
    this.#settings = settings;
    this.put("x", "tasks.md", "- [ ] a\n");
  }
  async start() {
    const options = { env: { ...process.env, ...this.#settings }, stdio: ["ignore", "pipe", "inherit"] };
    this.#process = spawn(this.#program, ["run", this.root, "--listen", "127.0.0.1:0"], options);
    for await (const line of createInterface(this.#process.stdout)) {
      const address = /^ready .*(http:\S+)/.exec(line);
      if (!address) throw new Error(`the daemon says: ${line}`);
      this.url = address[1].replace(/\/?$/, "/");
      return;
    }
    throw new Error("the daemon did not start");
  }
  async stop(signal = "SIGKILL") {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill(signal);
    await ended;
  }

  get token() {
    return readFileSync(`${process.env.XDG_STATE_HOME}/specd/token`, "utf8").trim();
  }
  get headers() {
    return { Authorization: `Bearer ${this.token}` };
  }
  /// What the API says; with a body, to a POST.
  async ask(path, body) {
    const post = body && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${this.url}api/v1/${path}`, { ...post, headers: this.headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /// A file of a change, as editors save it.
  put(change, name, text) {
    const folder = `${this.root}/openspec/changes/${change}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/${name}~`, text);
    renameSync(`${folder}/${name}~`, `${folder}/${name}`);
  }
}

/// Runs `use` with a daemon that has been started, and ends it.
export async function withDaemon(program, settings, use) {
  const daemon = new Daemon(program, settings);
  try {
    await daemon.start();
    await use(daemon);
  } finally {
    await daemon.stop();
  }
}
