import { assert, assertEquals, assertMatch } from "@std/assert";
import { deno, pathOf } from "../../tools/command.ts";

/** What each example prints. */
const expected: Record<string, RegExp> = {
  "01_remember_and_recall.ts": /^\d\.\d\d .*scanner in room 4 jams/,
  "02_keep_in_a_file.ts": /spare key is under the third flower pot/,
  "03_many_at_once.ts": /^100 remembered\n10 conversations\n$/,
  "04_your_own_client.ts": /^\[ 12n, 5n \]\n$/,
  "05_fetch_handler.ts":
    /^That is new to me\.\nI remember something about that\.\n$/,
};

const examples = [...Deno.readDirSync(pathOf("examples"))]
  .map(({ name }) => name).filter((name) => name.endsWith(".ts")).sort();

Deno.test("every example has its expected output here", () => {
  assertEquals(examples, Object.keys(expected));
});

for (const name of examples) {
  Deno.test(`examples/${name} runs as its first line says`, async () => {
    const text = await Deno.readTextFile(pathOf(`examples/${name}`));
    assert(text.split("\n").length <= 60, "an example has at most 60 lines");
    const [, command] = text.split("\n")[0]!.match(/ Run: deno (run .*)$/) ??
      [];
    assert(command, "the first line says how to run it");
    const [, ...rest] = command.split(" ");
    const { code, stdout, stderr } = await deno(
      ["run", "--no-prompt", ...rest],
      { quiet: true, timeoutMs: 60_000 },
    );
    assertEquals(code, 0, stderr);
    assertMatch(stdout, expected[name]!);
  });
}
