import { strict as assert } from "node:assert";
import { test } from "node:test";
import { EventStreamParser } from "../src/realtime/event_stream.ts";

const parse = (...pieces: string[]) => {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

const text = "retry: 1000\n: heartbeat_ms=5\n:\nid: 1-2\n\nid: 1-3\nevent: spec.updated\ndata: {\"a\":\ndata:1}\n\n:\n\n";
const frames = [
  { id: "1-2", data: undefined, comment: "heartbeat_ms=5" },
  { id: "1-3", data: '{"a":\n1}', comment: undefined },
  { id: undefined, data: undefined, comment: undefined },
];

for (const [name, end] of [["\\n", "\n"], ["\\r\\n", "\r\n"], ["\\r", "\r"]] as const) {
  test(`frames are the same wherever the text is cut, with ${name} at the ends of lines`, () => {
    const wire = text.replaceAll("\n", end);
    for (let one = 0; one <= wire.length; ++one) {
      for (let other = one; other <= wire.length; ++other) {
        const pieces = [wire.slice(0, one), wire.slice(one, other), wire.slice(other)];
        assert.deepEqual(parse(...pieces), frames, `cut at ${one} and ${other}`);
      }
    }
  });
}

test("what a frame does not end in is no frame", () => {
  assert.deepEqual(parse("id: 1-1\ndata: {}\n"), []);
});

test("unknown fields, fields without a value and ids with a null byte are passed over", () => {
  assert.deepEqual(parse("foo: bar\ndata\nid: a\0b\n\n"), [{ id: undefined, data: "", comment: undefined }]);
});

test("only one space after the colon goes", () => {
  assert.deepEqual(parse("data:  x\n\n"), [{ id: undefined, data: " x", comment: undefined }]);
});
