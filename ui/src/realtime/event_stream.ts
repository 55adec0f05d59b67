// Server-sent events, as the HTML standard lays them out: lines, each a field or a comment; an empty line ends a frame.

export interface Frame {
  readonly id: string | undefined;
  /** undefined: nothing is told; a sign of life, perhaps with an id. */
  readonly data: string | undefined;
  /** The latest that says something. */
  readonly comment: string | undefined;
}

/** Frames out of text that comes in pieces of any size. */
export class EventStreamParser {
  #unfinished: string[] = [];  // of a line
  #endedInReturn = false;
  #id: string | undefined;
  #data: string[] = [];
  #comment: string | undefined;

  push(text: string): Frame[] {
    if (text === "") return [];
    // One line end can come in two pieces.
    const rest = this.#endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#endedInReturn = text.endsWith("\r");
    const [first = "", ...others] = rest.split(/\r\n|\n|\r/);
    this.#unfinished.push(first);
    const frames: Frame[] = [];
    for (const next of others) {
      const frame = this.#take(this.#unfinished.join(""));
      if (frame) frames.push(frame);
      this.#unfinished = [next];
    }
    return frames;
  }

  #take(line: string): Frame | undefined {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "" && value !== "") this.#comment = value;
    if (name === "data") this.#data.push(value);
    if (name === "id" && !value.includes("\0")) this.#id = value;
    return undefined;
  }

  #finish(): Frame {
    const data = this.#data.length > 0 ? this.#data.join("\n") : undefined;
    const frame = { id: this.#id, data, comment: this.#comment };
    this.#id = this.#comment = undefined;
    this.#data = [];
    return frame;
  }
}
