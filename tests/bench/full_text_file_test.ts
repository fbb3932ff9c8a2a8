import { assertEquals } from "@std/assert";
import { FullTextFile } from "./full_text_file.ts";

Deno.test("FullTextFile finds messages that have any of the words, the best first", () => {
  const file = new FullTextFile(":memory:");
  const others = ["one", "two", "three", "four", "five", "six"];
  file.store(["tea with sugar", "both boats", "sugar on boats", ...others]);
  const search = (question: string) =>
    file.search(question, 20).map(({ text }) => text);
  const [best, ...rest] = search("Sugar, or the boat?");
  assertEquals(best, "sugar on boats");
  assertEquals(rest.toSorted(), ["both boats", "tea with sugar"]);
  assertEquals(search('"; drop'), []);
  assertEquals(search("?"), []);
  assertEquals(file.search("tea", 20), [{ place: 0, text: "tea with sugar" }]);
  assertEquals(file.search("sugar", 1).length, 1);
  file.close();
});
