import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { testSeed } from "../support/test_env.ts";

const MARKER = "erasemarker";

/** How often the marker is in the bytes of the file and of what SQLite keeps beside it. */
function traces(directory: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(directory)) {
    const bytes = Deno.readFileSync(`${directory}/${name}`);
    const text = new TextDecoder("latin1").decode(bytes);
    count += text.split(MARKER).length - 1;
  }
  return count;
}

Deno.test("the text of a deleted document is nowhere in the file, its log or its index when the deletion resolves", async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a.db`;
  const open = () =>
    openEngine({ schema, modules, store: openSqliteStore({ path }) });
  let engine = open();
  const marked = new Set<string>();
  const others: string[] = [];
  try {
    // Documents of all sizes grow, shrink and move about among one another.
    for (let round = 0; round < 8; round++) {
      const notes = Array.from({ length: 60 }, () => ({
        owner: `owner ${random.below(20)}`,
        text: `${random.below(3) === 0 ? MARKER : "kept"} ${
          "filler ".repeat(random.below(400))
        }`,
        rank: random.below(1000),
      }));
      const ids = await engine.mutation("notes:addMany", { notes }) as string[];
      ids.forEach((id, at) => {
        if (notes[at]!.text.startsWith(MARKER)) marked.add(id);
        else others.push(id);
      });
      await Promise.all(
        Array.from({ length: 30 }, () =>
          engine.mutation("notes:patch", {
            id: random.pick(others),
            set: { text: "other ".repeat(random.below(500)) },
          })),
      );
    }
    assert(traces(directory) > marked.size / 2, "the test sees what is there");
    await Promise.all(
      [...marked].map((id) => engine.mutation("notes:remove", { id })),
    );
    assertEquals(traces(directory), 0, `seed ${seed}, open`);
    // What a patch replaces is gone at the latest when the engine is closed.
    const id = random.pick(others);
    await engine.mutation("notes:patch", { id, set: { text: MARKER } });
    await engine.mutation("notes:patch", { id, set: { text: "kept" } });
    await engine.close();
    assertEquals(traces(directory), 0, `seed ${seed}, closed`);
    engine = open();
    assertEquals(
      (await engine.query("notes:get", { id }) as { text: string })
        .text,
      "kept",
    );
  } finally {
    await engine.close();
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("answers kept for clients that may ask again are gone a day later with the next document that is deleted", async () => {
  const store = openMemoryStore();
  let nowMs = 1_700_000_000_000;
  const engine = openEngine({
    schema,
    modules,
    store,
    now: () => nowMs,
  });
  const add = (requestId: number) =>
    engine.run("mutation", "notes:add", { owner: "ada", text: MARKER }, {
      request: { sessionId: "c0ffee", requestId },
    });
  const { value: id } = await add(1);
  for (let at = 2; at < 9; at++) await add(at);
  const kept = () => [...store.scan({ start: "q", end: "s" })].length;
  assertEquals(kept(), 16);
  nowMs += 24 * 60 * 60 * 1000;
  await engine.mutation("notes:patch", { id, set: { text: "kept" } });
  assertEquals(kept(), 16);
  nowMs += 1;
  await engine.mutation("notes:remove", { id });
  assertEquals(kept(), 0);
  await engine.close();
});
