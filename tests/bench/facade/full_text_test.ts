import { assertEquals } from "@std/assert";
import { FullTextFile } from "./full_text.ts";

Deno.test("FullTextFile finds messages that have any of the words, the best first", () => {
  const file = new FullTextFile(":memory:");
  const others = ["one", "two", "three", "four", "five", "six"];
  file.store(["tea with sugar", "both boats", "sugar on boats", ...others]);
  const [best, ...rest] = file.search("Sugar, or the boat?");
  assertEquals(best, "sugar on boats");
  assertEquals(rest.toSorted(), ["both boats", "tea with sugar"]);
  assertEquals(file.search('"; drop'), []);
  file.close();
});
