import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { textKey, wordOverlap } from "../../src/convex/lib/facts/factKeys.ts";
import { normalise } from "../../src/convex/lib/text/normalise.ts";
import {
  readFreeForm,
  storeFreeForm,
} from "../../src/convex/lib/freeForm/freeForm.ts";
import { makeId } from "../../src/convex/lib/ids.ts";
import { slotOf } from "../../src/convex/lib/facts/slots.ts";

Deno.test("classes of predicates hold one value or many", () => {
  const phrases = {
    one:
      "favorite color|lives in|works at|age is|name is|married to|contact preference|pronouns are|time zone is",
    many: "studied at|speaks|allergic to|listens to|interested in|has a dog",
  };
  for (const values of ["one", "many"] as const) {
    for (const phrase of phrases[values].split("|")) {
      assertEquals(slotOf(phrase)?.values, values, phrase);
    }
  }
  const custom = { shoe_size: ["wears size"], hobby: ["collects"] };
  assertEquals(slotOf("wears size", custom)?.values, "one");
  assertEquals(slotOf("collects", custom)?.values, "many");
});

Deno.test("the name of a class is in the class, and case may part words", () => {
  const phrases = {
    location: "location|Location|livesIn|LIVES_IN|lives-in",
    age: "age|bornIn",
    relationship_status: "relationshipStatus|relationship-status",
    hobby: "hobby|interestedIn",
  };
  for (const [name, predicates] of Object.entries(phrases)) {
    const values = name === "hobby" ? "many" : "one";
    for (const predicate of predicates.split("|")) {
      assertEquals(slotOf(predicate), { name, values }, predicate);
    }
  }
  const custom = { shoe_size: ["wears size"] };
  assertEquals(slotOf("shoeSize", custom)?.name, "shoe_size");
  assertEquals(slotOf("old shoe size", custom)?.values, "many");
  assertEquals(slotOf("cat name"), { name: "cat name", values: "many" });
  assertEquals(slotOf("ownsA_boat"), { name: "ownsa_boat", values: "many" });
});

Deno.test("other predicates are slots of their own that hold many values", () => {
  assertEquals(slotOf("lives"), { name: "lives", values: "many" });
  assertEquals(slotOf("  Visited, once "), {
    name: "visited once",
    values: "many",
  });
  assertEquals(slotOf("renamed"), { name: "renamed", values: "many" });
  assertEquals(slotOf(""), undefined);
  assertEquals(slotOf(undefined), undefined);
});

Deno.test("facts that differ in filler words only have one key", () => {
  assertEquals(textKey("Ann is a  Doctor."), textKey("ann: the doctor!"));
  assertNotEquals(textKey("Ann is a doctor"), textKey("Ann is a docent"));
  assertEquals(textKey("Is the"), "is the");
  assertEquals(normalise("  José   GARCÍA "), "josé garcía");
  assertEquals(wordOverlap("a b c d", "A B x y"), 2 / 6);
});

Deno.test("made ids have prefix, time and sixteen random characters", () => {
  const ids = Array.from({ length: 200 }, () => makeId("fh", 1234.5));
  for (const id of ids) assertMatch(id, /^fh-1234-[a-z0-9]{16}$/);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("free-form values are stored natively where a document can hold them", () => {
  const plain = { a: [1, "x", null, true, 5n], b: { c: {} } };
  assertEquals(storeFreeForm("data", plain), { data: plain });
  assertEquals(storeFreeForm("data", undefined), {});
  let deep: unknown = [1n];
  for (let level = 0; level < 20; level++) deep = [deep];
  const stored = storeFreeForm("data", deep);
  assertEquals(Object.keys(stored), ["dataJson"]);
  assertEquals(readFreeForm("data", stored), { data: deep });
});

Deno.test("free-form values that no answer holds come back as text", () => {
  const wide = Object.fromEntries(
    Array.from({ length: 1025 }, (_, at) => [`f${at}`, at]),
  );
  let deep: unknown = "\ud83d";
  for (let level = 0; level < 80; level++) deep = [deep];
  for (const value of [wide, { list: new Array(8193).fill(0) }, { deep }]) {
    const read = readFreeForm("data", storeFreeForm("data", value));
    assertEquals(Object.keys(read), ["dataJson"]);
    assertEquals(JSON.parse(read.dataJson!), value);
  }
});

Deno.test("what Convex cannot carry comes back as the text that was given", () => {
  const json = '{"$a":1}';
  const stored = storeFreeForm("config", { ignored: true }, json);
  assertEquals(stored, { configJson: json });
  assertEquals(readFreeForm("config", stored), { configJson: json });
  assert(!("config" in readFreeForm("config", {})));
});
