// A fake daemon behind a fake wire. Nothing moves unless it is told to: a request is looked at, its answer arrives, a
// session writes, what it wrote arrives; each is a step of its own.

import type { FakeDaemon, Letter } from "./fake_daemon.ts";
import { FakeWire, type FakeRequest } from "./fake_wire.ts";

type Write = (letter: Letter) => void;
type Beat = (id: string) => void;

/** One who listens, and what is on its way to it. */
class Session {
  cursor: string;
  readonly #daemon: FakeDaemon;
  readonly #underway: (() => void)[] = [];
  readonly #write: Write;
  readonly #beat: Beat;

  constructor(daemon: FakeDaemon, since: string | undefined, write: Write, beat: Beat) {
    this.#daemon = daemon;
    this.cursor = since ?? daemon.latest;
    this.#write = write;
    this.#beat = beat;
  }
  send(what: () => void): void {
    this.#underway.push(what);
  }
  pump(): void {
    for (const letter of this.#daemon.after(this.cursor)) {
      this.cursor = letter.id;
      this.send(() => this.#write(letter));
    }
  }
  beat(): void {
    const { cursor } = this;
    this.send(() => this.#beat(cursor));
  }
  get isQuiet(): boolean {
    return this.#underway.length === 0;
  }
  arrive(): void {
    this.#underway.shift()?.();
  }
}

export class Served {
  readonly wire = new FakeWire();
  readonly daemon: FakeDaemon;
  readonly sessions: { readonly session: Session; readonly break: () => void }[] = [];
  /** Requests that nobody has looked at, and answers that have not arrived. */
  readonly asked: FakeRequest[] = [];
  readonly answers: (() => void)[] = [];
  hasSockets = true;
  isAway = false;

  constructor(daemon: FakeDaemon) {
    this.daemon = daemon;
    this.wire.onrequest = (request) => this.asked.push(request);
    this.wire.onsocket = (socket) => {
      const session = new Session(daemon, undefined,
        ({ id, event }) => socket.say({ event: event.type, id, data: event }),
        (id) => socket.say({ event: "heartbeat", id }));
      const at = { session, break: () => this.#over(session, () => socket.break()) };
      if (!this.hasSockets || this.isAway) {
        this.answers.push(() => socket.break());
        return;
      }
      this.sessions.push(at);
      socket.onclosed = () => this.#over(session, () => {});
      let isSubscribed = false;
      const pump = session.pump.bind(session);
      session.pump = () => void (isSubscribed && pump());
      session.send(() => socket.say({ event: "welcome", data: { heartbeat_ms: 15_000 } }));
      socket.onsent = ({ event, ref, data }) => {
        if (event === "subscribe") {
          isSubscribed = true;
          session.cursor = data.since ?? daemon.latest;
        }
        const answer = { event: "subscriptions", id: session.cursor, ref, data: { subscriptions: [data], throttle_ms: 0 } };
        session.send(() => socket.say(answer));
      };
    };
  }

  /** Looks at a request, as things are now. */
  look(request: FakeRequest): void {
    this.asked.splice(this.asked.indexOf(request), 1);
    if (request.isOver) return;
    if (this.isAway) return void this.answers.push(() => request.break());
    const { pathname, searchParams } = request.url;
    if (pathname.endsWith("/events")) return this.#listen(request, searchParams.get("since") ?? undefined);
    if (!pathname.endsWith("/specs")) return void this.answers.push(() => request.answer({ projects: [] }));
    const slug = /projects\/([^/]+)\/specs/.exec(pathname)?.[1];
    const page = this.daemon.list(slug, searchParams.get("cursor") ?? "");
    this.answers.push(() => (page ? request.answer(page) : request.refuse(404, "not_found")));
  }

  breakAll(): void {
    for (const each of [...this.sessions]) each.break();
  }

  #listen(request: FakeRequest, since: string | undefined): void {
    const write = (letter: Letter) =>
      request.write(`id: ${letter.id}\nevent: x\ndata: ${JSON.stringify(letter.event)}\n\n`);
    const session = new Session(this.daemon, since, write, (id) => request.write(`:\nid: ${id}\n\n`));
    request.signal.addEventListener("abort", () => this.#over(session, () => {}));
    this.sessions.push({ session, break: () => this.#over(session, () => request.break()) });
    const greeting = since === undefined ? `retry: 1000\n:\nid: ${session.cursor}\n\n` : "retry: 1000\n:\n\n";
    session.send(() => {
      request.stream();
      request.write(greeting);
    });
  }
  #over(session: Session, how: () => void): void {
    const at = this.sessions.findIndex((each) => each.session === session);
    if (at < 0) return;
    this.sessions.splice(at, 1);
    how();
  }
}
