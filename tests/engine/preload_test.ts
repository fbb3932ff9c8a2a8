import { assert, assertEquals } from "@std/assert";
import { hostClock } from "../../src/embedded/host_clock.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { Timers } from "../../src/engine/timers.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { testSeed } from "../support/test_env.ts";

/** More than the first search waits for. */
const NOTES = 1200;
const CHANGES = 60;

/** What searches of every kind find. */
async function found(engine: Engine): Promise<unknown> {
  const texts: unknown[] = [];
  for (const text of ["common x", "word7", "changed x", "word3 word5 x"]) {
    texts.push(await engine.query("notes:search", { text, take: 100 }));
  }
  const near = await engine.action("notes:near", {
    vector: [1, 0.5, 0],
    limit: 100,
  });
  return { texts, near };
}

Deno.test("search indexes that are read ahead follow what is written meanwhile", async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const directory = await Deno.makeTempDir();
  const open = () =>
    openEngine({
      schema,
      modules,
      store: openSqliteStore({ path: `${directory}/a.db`, durability: "off" }),
      preload: hostClock,
    });
  const note = () => ({
    owner: "ada",
    text: `common word${random.below(20)} word${random.below(20)}`,
    embedding: [random.below(100) + 1, random.below(100), random.below(100)],
  });
  try {
    let engine = open();
    const ids = await engine.mutation("notes:addMany", {
      notes: Array.from({ length: NOTES }, note),
    }) as string[];
    await engine.close();
    // A search at once, in the middle of the reading, and after it.
    for (const pauses of [0, 2, 20]) {
      engine = open();
      await engine.query("notes:get", { id: ids[0] });
      const changes: Promise<unknown>[] = [];
      for (let change = 0; change < CHANGES; change++) {
        const id = random.pick(ids);
        const { text, embedding } = note();
        changes.push(
          change % 3 === 0
            ? engine.mutation("notes:add", note())
            : change % 3 === 1
            ? engine.mutation("notes:patch", {
              id,
              set: { text: `changed ${text}`, embedding },
            })
            : engine.mutation("notes:remove", { id }).catch(() => {}),
        );
        if (change % 10 === 0) await Promise.allSettled(changes);
      }
      await Promise.allSettled(changes);
      for (let pause = 0; pause < pauses; pause++) {
        await engine.query("notes:first", { owner: "nobody" });
      }
      const followed = await found(engine);
      await engine.close();
      engine = open();
      assertEquals(await found(engine), followed, `seed ${seed}, ${pauses}`);
      await engine.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("an engine is closed before all is read ahead", async () => {
  const directory = await Deno.makeTempDir();
  const open = () =>
    openEngine({
      schema,
      modules,
      store: openSqliteStore({ path: `${directory}/a.db`, durability: "off" }),
      preload: hostClock,
    });
  try {
    let engine = open();
    const notes = new Array(NOTES).fill({ owner: "a", text: "b" });
    await engine.mutation("notes:addMany", { notes });
    await engine.close();
    engine = open();
    assertEquals(await engine.query("notes:first", { owner: "x" }), null);
    await engine.close();
    engine = open();
    const all = await engine.query("notes:search", { text: "b", take: 9 });
    assert((all as unknown[]).length === 9);
    await engine.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the event loop has its turn after each slice that is read ahead", async () => {
  const directory = await Deno.makeTempDir();
  const pauses: (() => void)[] = [];
  const preload = {
    set: (_delayMs: number, callback: () => void) => pauses.push(callback),
    clear: () => {},
  };
  const open = (preload?: Timers) =>
    openEngine({
      schema,
      modules,
      store: openSqliteStore({ path: `${directory}/a.db`, durability: "off" }),
      preload,
    });
  try {
    let engine = open();
    const notes = new Array(NOTES).fill({ owner: "a", text: "b" });
    await engine.mutation("notes:addMany", { notes });
    await engine.close();
    engine = open(preload);
    let slices = 0;
    do {
      // A call gets between two slices.
      assertEquals(await engine.query("notes:first", { owner: "x" }), null);
      // Nothing else is waited for now.
      await new Promise((resolve) => setTimeout(resolve, 0));
      slices += pauses.length;
      assert(pauses.length <= 1, `${pauses.length} slices without a turn`);
      pauses.pop()?.();
    } while (await hasMore());
    assert(slices > NOTES / 256, `${slices} slices`);
    await engine.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }

  async function hasMore(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return pauses.length > 0;
  }
});
