import { assertEquals } from "@std/assert";
import { fitting, shareOf, TOKENS } from "./shares.ts";

Deno.test("shareOf() counts each message of the evidence once", () => {
  assertEquals(shareOf(["a", "b", "c", "d"], ["b", "x", "b", "d"]), 0.5);
  assertEquals(shareOf(["a"], []), 0);
});

Deno.test("fitting() ends at the first text that is too long", () => {
  // Four characters a token.
  const text = (tokens: number) => "word".repeat(tokens);
  assertEquals(fitting([]), 0);
  assertEquals(fitting([text(TOKENS)]), 1);
  assertEquals(fitting([text(TOKENS - 1), text(2), text(1)]), 1);
});
