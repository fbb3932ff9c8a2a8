import { assertEquals, assertRejects } from "@std/assert";
import {
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { ReopenedEngine } from "../../src/embedded/reopened_engine.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { StoreError } from "../../src/errors.ts";
import { type Disk, openOnDisk } from "../support/full_disk.ts";

const modules = {
  notes: {
    add: mutation({
      handler: async (ctx, { text }: { text: string }) => {
        await ctx.db.insert("notes", { text });
      },
    }),
    all: query({
      handler: async (ctx) =>
        (await ctx.db.query("notes").collect()).map(({ text }) => text),
    }),
  },
};

/** A disk that can also be taken away, and how often the file on it was opened. */
interface Device extends Disk {
  isGone: boolean;
  opened: number;
}

async function withDisk(
  run: (engine: ReopenedEngine, disk: Device) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.db`;
  const disk: Device = { isFull: false, isGone: false, opened: 0 };
  const engine = new ReopenedEngine(() => {
    disk.opened++;
    if (disk.isGone) throw new StoreError("STORE_OPEN_FAILED", "no such file");
    // Its lock would refuse a second one.
    const store = openOnDisk(path, disk);
    return { engine: openEngine({ modules, store }), store };
  });
  try {
    await run(engine, disk);
  } finally {
    await engine.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const add = (engine: ReopenedEngine, text: string) =>
  engine.run((it: Engine) => it.mutation("notes:add", { text }), false);
const all = (engine: ReopenedEngine) =>
  engine.run((it: Engine) => it.query("notes:all", {}), true);
async function fails(call: Promise<unknown>, code: string): Promise<void> {
  const error = await assertRejects(() => call) as StoreError;
  assertEquals(error.code, code);
}

Deno.test("after a full disk, reads and writes go on with what was acknowledged", () =>
  withDisk(async (engine, disk) => {
    await add(engine, "a");
    disk.isFull = true;
    await Promise.all([
      fails(add(engine, "b"), "STORE_FULL"),
      fails(add(engine, "c"), "STORE_FULL"),
    ]);
    assertEquals(await all(engine), ["a"]);
    // One by one: each is the first after a new start.
    for (const text of ["d", "e"]) {
      await fails(add(engine, text), "STORE_FULL");
    }
    disk.isFull = false;
    await Promise.all([add(engine, "f"), add(engine, "g")]);
    assertEquals(await all(engine), ["a", "f", "g"]);
    // At first, and after each failure.
    assertEquals(disk.opened, 4);
  }));

Deno.test("a query beside a write that stops the store is answered, and only the write rejects", () =>
  withDisk(async (engine, disk) => {
    await add(engine, "a");
    disk.isFull = true;
    const calls = await Promise.allSettled([
      add(engine, "b"),
      all(engine),
      add(engine, "c"),
      all(engine),
    ]);
    assertEquals(calls.map(({ status }) => status), [
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    assertEquals(await all(engine), ["a"]);
  }));

Deno.test("a followed query continues over a store that stopped", () =>
  withDisk(async (engine, disk) => {
    const giveUp = new AbortController();
    const watch = engine.watch("notes:all", {}, giveUp.signal);
    const next = async () => (await watch.next()).value;
    assertEquals(await next(), { value: [] });
    disk.isFull = true;
    await fails(add(engine, "lost"), "STORE_FULL");
    disk.isFull = false;
    const [, again] = await Promise.all([add(engine, "a"), next()]);
    const last = "value" in again! && (again.value as string[]).length
      ? again
      : await next();
    assertEquals(last, { value: ["a"] });
    giveUp.abort();
    assertEquals(await watch.next(), { done: true, value: undefined });
  }));

Deno.test("a file that cannot be opened again is tried at each call", () =>
  withDisk(async (engine, disk) => {
    await add(engine, "a");
    Object.assign(disk, { isFull: true, isGone: true });
    await fails(add(engine, "b"), "STORE_FULL");
    await fails(all(engine), "STORE_OPEN_FAILED");
    await fails(add(engine, "c"), "STORE_OPEN_FAILED");
    Object.assign(disk, { isFull: false, isGone: false });
    assertEquals(await all(engine), ["a"]);
  }));

Deno.test("a followed query reports that the file cannot be opened, and waits for it", () =>
  withDisk(async (engine, disk) => {
    const giveUp = new AbortController();
    const watch = engine.watch("notes:all", {}, giveUp.signal);
    await watch.next();
    Object.assign(disk, { isFull: true, isGone: true });
    await fails(add(engine, "a"), "STORE_FULL");
    const { value } = await watch.next();
    assertEquals(
      value && "error" in value && value.error.code,
      "STORE_OPEN_FAILED",
    );
    const next = watch.next();
    giveUp.abort();
    assertEquals(await next, { done: true, value: undefined });
    Object.assign(disk, { isFull: false, isGone: false });
  }));

Deno.test("an engine that was closed while its store stopped stays closed", () =>
  withDisk(async (engine, disk) => {
    disk.isFull = true;
    await fails(add(engine, "a"), "STORE_FULL");
    disk.isFull = false;
    await engine.close();
    await fails(all(engine), "ENGINE_CLOSED");
    assertEquals(disk.opened, 1);
  }));
