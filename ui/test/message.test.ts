import { strict as assert } from "node:assert";
import { test } from "node:test";
import { toEvent } from "../src/realtime/event.ts";
import { Garbled } from "../src/realtime/garbled.ts";
import { askMessage, parseMessage, subscribeMessage } from "../src/realtime/message.ts";
import { toSpecPage } from "../src/realtime/spec.ts";
import { toQuery } from "../src/realtime/subscription.ts";
import { aSpec, eventOf } from "./support/specs.ts";

const told = (data: unknown) => JSON.stringify({ event: "x", id: "1-2", data });
const updated = eventOf("spec.updated", 2, aSpec("k"));

test("every message of the protocol is understood", () => {
  assert.deepEqual(parseMessage('{"event":"welcome","data":{"heartbeat_ms":15000}}'),
    { is: "welcome", heartbeatMs: 15_000 });
  assert.deepEqual(parseMessage('{"event":"heartbeat","id":"1-2"}'), { is: "heartbeat", cursor: "1-2" });
  assert.deepEqual(parseMessage('{"event":"heartbeat"}'), { is: "heartbeat", cursor: undefined });
  assert.deepEqual(parseMessage('{"event":"subscriptions","ref":3,"id":"1-2","data":{"subscriptions":[],"throttle_ms":0}}'),
    { is: "subscriptions", ref: 3, cursor: "1-2" });
  assert.deepEqual(parseMessage('{"event":"error","ref":1,"data":{"code":"bad_subscription","detail":"no"}}'),
    { is: "error", ref: 1, code: "bad_subscription", detail: "no" });
  assert.deepEqual(parseMessage(told(updated)), { is: "told", cursor: "1-2", event: updated });
});

test("every type of event is understood", () => {
  const head = { seq: 1, project: "shop", key: null, origin: "disk", actor: null, timestamp: "" };
  for (const event of [
    updated, { ...updated, type: "spec.created" }, { ...updated, type: "spec.renamed", from: "j" },
    { ...updated, type: "spec.deleted", project: null },
    { type: "specs.batch", count: 1, events: [updated] },
    { ...head, type: "conflict.detected", id: "a", conflict: 1, path: "p", kind: "both_changed" },
    {
      ...head, type: "conflict.resolved", id: "a", conflict: 1, path: "p", kind: "both_changed", resolution: "merged",
    },
    { ...head, type: "sync.error", id: "a", error: "why" },
    ...["added", "changed", "removed"].map((what) => ({ ...head, type: `project.${what}`, slug: "shop", root: "/" })),
    { ...head, type: "project.state", slug: "shop", state: "held", reason: "why" },
    { type: "resync" },
  ]) {
    assert.deepEqual(toEvent(event), event);
  }
});

test("a type that only a later client knows is no event, and moves the cursor", () => {
  const praised = { type: "spec.praised", seq: 3 };
  assert.deepEqual(parseMessage(told(praised)), { is: "told", cursor: "1-2", event: undefined });
});

test("a heartbeat that makes no sense is the usual one", () => {
  for (const data of [undefined, null, {}, { heartbeat_ms: 0 }, { heartbeat_ms: "soon" }]) {
    const message = parseMessage(JSON.stringify({ event: "welcome", data }));
    assert.deepEqual(message, { is: "welcome", heartbeatMs: undefined });
  }
});

test("what is not as the protocol says is not heard", () => {
  const { metadata: _, ...withoutMetadata } = updated;
  for (const garbage of [
    "", "<html>", "null", "[]", "1", "{}", '{"event":1,"id":"1-2"}', '{"event":"error"}',
    '{"event":"spec.updated","id":"1-2"}', told(null), told([]), told({}), told({ type: "spec.updated" }),
    told(withoutMetadata), told({ ...updated, version: "2" }), told({ ...updated, key: null }),
    told({ ...updated, seq: 1.5 }), told({ ...updated, project: 1 }), told({ ...updated, metadata: { key: "k" } }),
    told({ type: "specs.batch", count: 1 }), told({ type: "specs.batch", events: [{ ...updated, key: 1 }] }),
    told({ type: "specs.batch", events: [null] }), told({ type: "project.removed", seq: 1, project: null }),
    new ArrayBuffer(3), undefined,
  ]) {
    assert.throws(() => parseMessage(garbage), Garbled, String(garbage));
  }
});

test("a message that is cut off anywhere is not heard", () => {
  const whole = told(updated);
  for (let length = 0; length < whole.length; ++length)
    assert.throws(() => parseMessage(whole.slice(0, length)), Garbled);
});

test("a page of a list is specs and a cursor", () => {
  const specs = [aSpec("k")];
  assert.deepEqual(toSpecPage({ specs, next: "n", total: null }), { specs, next: "n" });
  for (const garbage of [null, [], {}, { specs }, { specs: {}, next: null }, { specs: [1], next: null },
    { specs: [{ ...specs[0], version: undefined }], next: null },
    { specs: [{ ...specs[0], project: null }], next: null },
    { specs, next: 1 }]) {
    assert.throws(() => toSpecPage(garbage), Garbled);
  }
});

test("a subscription is said as the server wants it", () => {
  const subscription = { projects: ["a", "b"], specs: ["E13-*"], children: true, types: ["spec.*"], throttleMs: 500 };
  assert.equal(toQuery(subscription).toString(),
    "project=a&project=b&spec=E13-*&types=spec.*&children=true&throttle_ms=500");
  assert.deepEqual(JSON.parse(subscribeMessage(1, subscription, "1-2")), {
    event: "subscribe", ref: 1, data: {
      id: "all", projects: ["a", "b"], specs: ["E13-*"], children: true, types: ["spec.*"], throttle_ms: 500,
      since: "1-2",
    },
  });
  assert.deepEqual(JSON.parse(subscribeMessage(1, {}, undefined)), { event: "subscribe", ref: 1, data: { id: "all" } });
  assert.deepEqual(JSON.parse(askMessage(2)), { event: "subscriptions", ref: 2 });
  assert.equal(toQuery({}).toString(), "");
});
