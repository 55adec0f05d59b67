// Clients of each kind. All of them keep what they hear, and come back to where they were.
import { createRequire } from "node:module";

export const { io } = createRequire(new URL("../../tools/node_modules/", import.meta.url))("socket.io-client");
const patience = 10_000;
/// Not of what happened.
const signs = new Set(["welcome", "heartbeat", "subscriptions"]);

class Listener {
  heard = []; // { event, id, data }, those of a batch one by one
  lastId;
  #looks = new Set();

  hear(event, id, data) {
    if (id) this.lastId = id;
    const events = event === "specs.batch" ? data.events.map((one) => [one.type, one]) : [[event, data]];
    for (const [event, data] of events) if (!signs.has(event)) this.heard.push({ event, id, data });
    for (const look of this.#looks) look();
  }
  /// Until `isThere` holds of what was heard.
  until(what, isThere) {
    return new Promise((done, failed) => {
      const look = () => {
        if (!isThere(this.heard)) return;
        clearTimeout(limit);
        this.#looks.delete(look);
        done();
      };
      const limit = setTimeout(() => failed(new Error(`${what} did not come: ${this}`)), patience);
      this.#looks.add(look);
      look();
    });
  }
  /// Until a file of that name was told of.
  untilFile(name) {
    return this.until(name, (heard) => heard.some(({ data }) => data.files?.some((file) => file.endsWith(name))));
  }
  toString() {
    return this.heard.map(({ event, id, data }) => `${event} ${id} ${data.files ?? ""}`).join("\n");
  }
}

/// GET /api/v1/events.
class EventStream extends Listener {
  #stopping;

  async connect({ url, headers }) {
    const stopping = this.#stopping = new AbortController();
    const resume = this.lastId ? { "Last-Event-ID": this.lastId } : {};
    const { status, body } = await fetch(`${url}api/v1/events`,
      { headers: { ...headers, ...resume }, signal: stopping.signal });
    if (status !== 200) throw new Error(`the event stream is answered with ${status}`);
    const greeted = new Promise((done) => this.#read(body, done).catch(() => {}));
    await greeted;
  }
  async #read(body, greeted) {
    let text = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (text + chunk).split("\n\n");
      text = frames.pop();
      for (const frame of frames) this.#take(frame);
      greeted();
    }
  }
  #take(frame) {
    const lines = frame.split("\n").filter((line) => !line.startsWith(":")).map((line) => line.split(/: (.*)/s));
    const { id, event, data } = Object.fromEntries(lines);
    if (data) this.hear(event, id, JSON.parse(data));
    else if (id) this.lastId = id;
  }
  drop() {
    this.#stopping.abort();
  }
}

/// GET /api/v1/ws, with Node's own WebSocket.
class Websocket extends Listener {
  #socket;

  async connect({ url, headers }) {
    const socket = this.#socket = new WebSocket(`${url.replace("http", "ws")}api/v1/ws`, { headers });
    await new Promise((subscribed, failed) => {
      socket.onerror = () => failed(new Error("the WebSocket does not open"));
      socket.onopen = () => socket.send(JSON.stringify({ event: "subscribe", data: { since: this.lastId } }));
      socket.onmessage = ({ data: text }) => {
        if (socket !== this.#socket) return;
        const { event, id, data } = JSON.parse(text);
        if (event === "error") failed(new Error(text));
        this.hear(event, id, data ?? {});
        if (event === "subscriptions") subscribed();
      };
    });
  }
  drop() {
    const dropped = this.#socket;
    this.#socket = undefined;
    dropped.close();
  }
}

/// The official client of Socket.IO, which comes back by itself, and brings back where it was.
export class SocketIo extends Listener {
  socket;
  #options;

  constructor(options = {}) {
    super();
    this.#options = options;
  }
  async connect({ url, headers }) {
    if (!this.socket) {
      this.socket = io(`${url}specs`, { extraHeaders: headers, reconnectionDelay: 10, reconnectionDelayMax: 50,
        forceNew: true, ...this.#options });
      this.socket.onAny((event, data, id) => this.hear(event, id, data));
    }
    this.socket.io.uri = url;
    const subscribed = new Promise((done) => this.socket.once("connect", async () => done(await this.subscribe())));
    this.socket.connect();
    return subscribed;
  }
  /// What it is acknowledged with.
  subscribe(wish = {}) {
    return this.socket.timeout(patience).emitWithAck("subscribe", wish);
  }
  drop() {
    this.socket.disconnect();
  }
}

export const kinds = {
  events: () => new EventStream(),
  websocket: () => new Websocket(),
  "socket.io": () => new SocketIo(),
  "socket.io-polling": () => new SocketIo({ transports: ["polling"] }),
};
