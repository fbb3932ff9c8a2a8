import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  normalise,
  textKey,
  wordOverlap,
} from "../../src/convex/lib/factKeys.ts";
import { readFreeForm, storeFreeForm } from "../../src/convex/lib/freeForm.ts";
import { makeId } from "../../src/convex/lib/ids.ts";
import { slotOf } from "../../src/convex/lib/slots.ts";

Deno.test("predicates fall into the slot of their class", () => {
  const expected: Record<string, string> = {
    favorite_color:
      "favorite color|favorite colour|preferred color|likes the color|color preference|has favorite color",
    location:
      "lives in|lives at|resides in|based in|current location|moved to|user lives in|LIVES IN|lives_in",
    employment:
      "works at|works for|employed by|job at|occupation is|employer is|works_at|works-for",
    age: "age is|is years old|born in|birthday is",
    name: "name is|called|named|goes by|known as|nickname is",
    relationship_status: "married to|engaged to|dating|relationship status",
    education: "studied at|graduated from|degree is|university is",
    language: "speaks|native language|fluent in|language is",
    contact_preference: "contact preference|prefers to be contacted",
    food_preference: "favorite food|dietary restriction|vegetarian|allergic to",
    music_preference: "favorite music|listens to",
    hobby: "hobby is|enjoys|interested in",
    pet: "has a pet|pet is|has a dog|pet name is",
    addressing_preference: "prefers to be called|preferred name|pronouns are",
    timezone: "timezone is|time zone is",
  };
  for (const [name, predicates] of Object.entries(expected)) {
    for (const predicate of predicates.split("|")) {
      assertEquals(slotOf(predicate)?.name, name, predicate);
    }
  }
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
  const wide = Object.fromEntries(
    Array.from({ length: 1025 }, (_, at) => [`f${at}`, at]),
  );
  const long = { list: new Array(8193).fill(-0) };
  let deep: unknown = [1n];
  for (let level = 0; level < 20; level++) deep = [deep];
  for (const value of [wide, long, deep]) {
    const stored = storeFreeForm("data", value);
    assertEquals(Object.keys(stored), ["dataJson"]);
    assertEquals(readFreeForm("data", stored), { data: value });
  }
});

Deno.test("what Convex cannot carry comes back as the text that was given", () => {
  const json = '{"$a":1}';
  const stored = storeFreeForm("config", { ignored: true }, json);
  assertEquals(stored, { configJson: json });
  assertEquals(readFreeForm("config", stored), { configJson: json });
  assert(!("config" in readFreeForm("config", {})));
});
