import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  anyApi,
  defineSchema,
  defineTable,
  type GenericDatabaseWriter,
  type GenericDataModel,
  mutationGeneric,
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

Deno.test("the stack of an error leads to the function that threw it, and to the call of the test", async () => {
  const fail = mutationGeneric(() => {
    throw new Error("in a function");
  });
  for (const make of [convexTest, compat]) {
    const t = make({
      modules: {
        "./_generated/api.js": () => Promise.resolve({}),
        "./notes.ts": () => Promise.resolve({ fail }),
      },
    });
    const theCall = () => t.mutation(anyApi.notes!.fail!, {});
    for (let time = 0; time < 2; time++) {
      const { stack = "" } = await assertRejects(theCall, Error);
      assert(/in a function\n\s+at .*registration_test\.ts/.test(stack), stack);
      assertEquals(stack.split("at theCall (").length, 2, stack);
    }
    const error = Object.freeze(new Error("frozen"));
    const body = () => t.run(() => Promise.reject(error));
    assertEquals(await assertRejects(body), error);
    await t.close();
  }
});
