import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  anyApi,
  defineSchema,
  defineTable,
  type GenericDatabaseWriter,
  type GenericDataModel,
} from "convex/server";
import { v } from "convex/values";
import { convexTest as compat } from "../../src/convex_test/compat.ts";
import { convexTest } from "../../src/convex_test/mod.ts";

interface Components {
  runInComponent<Result>(
    path: string,
    run: (
      ctx: { db: GenericDatabaseWriter<GenericDataModel> },
    ) => Promise<Result>,
  ): Promise<Result>;
}

for (const make of [convexTest, compat]) {
  Deno.test(`${make === compat ? "under compat " : ""}tests that share a component's schema read it once, and no documents of one another`, async () => {
    const schema = defineSchema({
      notes: defineTable({ rank: v.number() }).index("by_rank", ["rank"]),
    });
    let reads = 0;
    const read = Reflect.get(schema, "export") as () => string;
    Reflect.set(schema, "export", () => (reads++, read.call(schema)));
    for (let test = 0; test < 3; test++) {
      const t = make({
        modules: { "./_generated/api.js": () => Promise.resolve({}) },
      });
      for (const path of ["a", "b"]) {
        t.registerComponent(path, schema, {});
        const ranks = await (t as unknown as Components).runInComponent(
          path,
          async ({ db }) => {
            await db.insert("notes", { rank: test });
            const notes = await db.query("notes").withIndex("by_rank")
              .collect();
            return notes.map(({ rank }) => rank);
          },
        );
        assertEquals(ranks, [test]);
      }
      await t.close();
    }
    assertEquals(reads, 1);
  });
}

Deno.test("without any module, the error for a missing function names the mistake in the pattern", async () => {
  const { list } = anyApi.tasks!;
  const none = convexTest(defineSchema({}), {});
  await assertRejects(
    () => none.query(list!, {}),
    Error,
    'Could not find module for: "tasks"\n\nThere are no modules: the pattern of import.meta.glob matches no file.',
  );
  const one = convexTest(defineSchema({}), {
    "./other.ts": () => Promise.resolve({}),
  });
  const error = await assertRejects(() => one.query(list!, {}));
  assert(!(error as Error).message.includes("There are no modules"));
});
