import { strict as assert } from "node:assert";
import { test } from "node:test";
import { toPredicate, type SpecFilter } from "../src/realtime/spec_filter.ts";
import { aSpec } from "./support/specs.ts";

const matches = (filter: SpecFilter, id: string, project = "shop") =>
  toPredicate(filter)(aSpec("key-1", { id, project }));

for (const [wanted, id, is] of [
  ["add-cart", "add-cart", true], ["add-cart", "add-cart-2", false], ["E13-*", "E13-1", true], ["E13-*", "E13", false],
  ["E1?", "E13", true], ["E1?", "E1", false], ["*", "a/b\nc", true], ["a.c", "abc", false], ["a[b]", "a[b]", true],
  ["(x", "(x", true], ["key-1", "anything", true], ["key-2", "anything", false], ["ü?", "üñ", true],
] as const) {
  test(`"${wanted}" ${is ? "names" : "does not name"} ${JSON.stringify(id)}`, () => {
    assert.equal(matches({ specs: [wanted] }, id), is);
  });
}

test("children are below by their ids", () => {
  for (const [id, is] of [["E13", true], ["E13-1", true], ["E13/a", true], ["E130", false], ["E1", false]] as const) {
    assert.equal(matches({ specs: ["E13"], children: true }, id), is, id);
  }
  assert.equal(matches({ specs: ["E13"] }, "E13-1"), false);
});

test("projects are slugs, and lists without anything let everything pass", () => {
  assert.equal(matches({ projects: ["infra"] }, "x"), false);
  assert.equal(matches({ projects: ["infra", "shop"] }, "x"), true);
  assert.equal(matches({ projects: [], specs: [] }, "x"), true);
});
