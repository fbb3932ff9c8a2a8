import { assertEquals } from "@std/assert";
import { FullTextFile } from "./full_text.ts";

Deno.test("FullTextFile finds messages that have any of the words, the best first", () => {
  const file = new FullTextFile(":memory:");
  const others = ["a", "b", "c", "d", "e", "f"];
  file.store(["tea with sugar", "two boats", "sugar on boats", ...others]);
  const [best, ...rest] = file.search("Sugar, or a boat?");
  assertEquals(best, "sugar on boats");
  assertEquals(rest.toSorted(), ["a", "tea with sugar", "two boats"]);
  assertEquals(file.search('"; drop'), []);
  file.close();
});
