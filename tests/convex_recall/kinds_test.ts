import { assertEquals } from "@std/assert";
import { kindsNamedBy, kindsOf } from "../../src/convex/lib/text/kinds.ts";
import { stem, tokenise } from "../../src/convex/lib/text/text.ts";

Deno.test("kindsOf() gives the kinds of a text's things, each once", () => {
  assertEquals(kindsOf(tokenise("Two puppies and a kitten")), ["k0pet"]);
  assertEquals(kindsOf(tokenise("a pet")), ["k0pet"]);
  assertEquals(kindsOf(["toString", "constructor", ""]), []);
});

Deno.test("kindsNamedBy() knows the words that name a kind, not its things", () => {
  assertEquals(kindsNamedBy(stem("animals")), ["k0pet"]);
  assertEquals(kindsNamedBy(stem("puppy")), []);
  assertEquals(kindsNamedBy("__proto__"), []);
});

Deno.test("kindsOf() knows words by the stems that texts are reduced to", () => {
  for (
    const [text, kind] of [
      ["She plays violins", "k0instrument"],
      ["a cycling holiday", "k0sport"],
      ["Norwegian? No, from Norway", "k0countri"],
      ["biographies", "k0book"],
      ["their anniversary", "k0celebr"],
      ["two daughters", "k0child"],
      ["Wives and nieces", "k0parent"],
    ] as const
  ) {
    const kinds = kindsOf(tokenise(text));
    assertEquals(kinds.includes(kind), true, `${text}: ${kinds}`);
  }
});
