/** The file of `deno task serve --env`. */
import { assertEquals, assertRejects } from "@std/assert";
import { openEnvironmentFile } from "../../tools/serve/environment_file.ts";

async function withFile(
  text: string,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await test(path);
  } finally {
    for (const { name } of (await openEnvironmentFile(path)).list()) {
      Deno.env.delete(name);
    }
    await Deno.remove(path);
  }
}

Deno.test("an environment file is read as others read .env files", async () => {
  const text = "# of the functions\nexport ENV_TEST_A=one # first\n" +
    `ENV_TEST_B='{"keys":[]}'\nENV_TEST_C="two\\nlines"\n\nENV_TEST_D=a=b\n`;
  await withFile(text, async (path) => {
    assertEquals((await openEnvironmentFile(path)).list(), [
      { name: "ENV_TEST_A", value: "one" },
      { name: "ENV_TEST_B", value: '{"keys":[]}' },
      { name: "ENV_TEST_C", value: "two\nlines" },
      { name: "ENV_TEST_D", value: "a=b" },
    ]);
    assertEquals(Deno.env.get("ENV_TEST_A"), "one");
  });
});

Deno.test("an environment file keeps whatever it can hold, and refuses the rest", async () => {
  await withFile("ENV_TEST_OLD=kept\n", async (path) => {
    const environment = await openEnvironmentFile(path);
    const values = [
      "",
      " a b ",
      "two\nlines # no comment",
      `{"a":"it's"}`,
      "it's `so`",
      "\\n",
      "$HOME",
    ];
    const changes = values.map((value, at) => ({
      name: `ENV_TEST_${at}`,
      value,
    }));
    // All at once, as several admins would.
    await Promise.all(changes.map((change) => environment.update([change])));
    const again = (await openEnvironmentFile(path)).list();
    assertEquals(again, [{ name: "ENV_TEST_OLD", value: "kept" }, ...changes]);
    const error = await assertRejects(
      () => environment.update([{ name: "ENV_TEST_0", value: `'"\`` }]),
      TypeError,
    );
    assertEquals(/ENV_TEST_0.*quotes/.test(error.message), true, error.message);
    await environment.update([{ name: "ENV_TEST_OLD", value: null }]);
    assertEquals((await openEnvironmentFile(path)).list(), changes);
    assertEquals(Deno.env.get("ENV_TEST_OLD"), undefined);
  });
});
