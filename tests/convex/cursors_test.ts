/** What functions that work in steps say to a cursor that they did not give. */
import { assert, assertEquals } from "@std/assert";
import { type Backend, openBackend } from "./backend.ts";
import { callsOf, publicFunctions, seed } from "./tenant_calls.ts";

/** Texts that no step gives. */
const CURSORS = ["zebra", "", "null", "7", '{"at":7}', '["zebra"]'];

Deno.test("a cursor that no step gave is refused, or does no harm", async () => {
  const backend = openBackend();
  try {
    await seed(backend, undefined);
    const stepped = publicFunctions.filter(({ args }) => "cursor" in args);
    assert(stepped.length > 20);
    const said: string[] = [];
    for (const called of stepped) {
      for (const args of callsOf(called, "fh-1")) {
        for (const cursor of CURSORS) {
          const text = await answer(backend, called, { ...args, cursor });
          said.push(`${called.name} ${cursor}: ${text}`);
        }
      }
    }
    assertEquals(
      said.filter((text) => !/: (done|INVALID_\w+)$/.test(text)),
      [],
    );
    assert(said.some((text) => text.endsWith("INVALID_CURSOR")));
  } finally {
    await backend.engine.close();
  }
});

async function answer(
  { engine }: Backend,
  { name, kind }: typeof publicFunctions[number],
  args: Record<string, unknown>,
): Promise<string> {
  try {
    await engine.run(kind, name, args, {});
    return "done";
  } catch (error) {
    const { data } = error as { data?: unknown };
    return typeof data === "string" ? data.split(":")[0]! : String(error);
  }
}
