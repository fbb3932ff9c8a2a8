import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import { isCortexError } from "../../errors.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** How the engine uses its store, and what it reads from one that was used before. */
export const engineStoreContract: ContractCase<EngineSubject>[] = [
  storeCase(
    "mutations started together share one flush, and none is acknowledged before it",
    async (store, open) => {
      const engine = open();
      await addNote(engine, "first");
      const before = count(store, "flush");
      const acknowledged: number[] = [];
      await Promise.all(
        Array.from(
          { length: 100 },
          () =>
            addNote(engine, "ada").then(() =>
              acknowledged.push(count(store, "flush"))
            ),
        ),
      );
      assertEquals(count(store, "flush"), before + 1);
      assert(acknowledged.every((flushes) => flushes === before + 1));
      await Promise.all(
        Array.from({ length: 257 }, () => addNote(engine, "ada")),
      );
      assertEquals(count(store, "flush"), before + 3);
      await engine.close();
    },
  ),

  storeCase(
    "queries and refused mutations neither write nor flush",
    async (store, open) => {
      const engine = open();
      await addNote(engine, "ada");
      const before = store.events.length;
      await engine.query("flow:count", { owner: "ada" });
      await engine.mutation("flow:failAfterWriting", { owner: "ada" }).catch(
        () => {},
      );
      await engine.mutation("flow:nothing", {}).catch(() => {});
      assertEquals(store.events.length, before);
      await engine.close();
    },
  ),

  storeCase(
    "a patch that changes nothing is not a write",
    async (store, open) => {
      const engine = open();
      const id = await addNote(engine, "ada", { rank: 1 });
      const before = store.events.length;
      await engine.mutation("notes:patch", { id, set: { rank: 1 } });
      assertEquals(store.events.length, before);
      await engine.close();
    },
  ),

  storeCase(
    "a query started after a mutation sees it, and resolves after its flush",
    async (store, open) => {
      const engine = open();
      const before = count(store, "flush");
      const [, seen] = await Promise.all([
        addNote(engine, "ada"),
        engine.query("flow:count", { owner: "ada" }).then((
          notes,
        ) => [notes, count(store, "flush")]),
      ]);
      assertEquals(seen, [1, before + 1]);
      await engine.close();
    },
  ),

  storeCase(
    "a write that fails rejects its mutation alone and leaves no trace",
    async (store, open) => {
      const engine = open();
      await addNote(engine, "ada");
      await engine.query("notes:search", { text: "note" });
      store.failNext = "write";
      const [failed, fine] = await Promise.allSettled([
        addNote(engine, "bob"),
        addNote(engine, "cyd"),
      ]);
      assertEquals([failed.status, fine.status], ["rejected", "fulfilled"]);
      assertStringIncludes(
        String((failed as PromiseRejectedResult).reason.message),
        "write refused by the case",
      );
      const found = await engine.query("notes:search", {
        text: "note",
      }) as Doc[];
      assertEquals(found.map((note) => note.owner), ["cyd", "ada"]);
      assertEquals(await engine.query("flow:count", { owner: "bob" }), 0);
      await engine.close();
    },
  ),

  storeCase(
    "a flush that fails rejects every mutation that waited for it",
    async (store, open) => {
      const engine = open();
      store.failNext = "flush";
      const results = await Promise.allSettled([
        addNote(engine, "a"),
        addNote(engine, "b"),
      ]);
      for (const result of results) {
        assertEquals(result.status, "rejected");
        const { reason } = result as PromiseRejectedResult;
        assertInstanceOf(reason, Error);
        assertStringIncludes(reason.message, "flush refused by the case");
      }
      assertEquals(typeof await addNote(engine, "c"), "string");
      await engine.close();
    },
  ),

  storeCase(
    "data, ids, indexes and searches survive a reopening",
    async (_store, open) => {
      const first = open();
      const ids = [];
      for (const rank of [2, 1, 3]) {
        ids.push(
          await addNote(first, "ada", {
            rank,
            text: `kept word${rank}`,
            embedding: [rank, 1, 0],
          }),
        );
      }
      await first.mutation("notes:remove", { id: ids[0] });
      const before = await everything(first);
      await first.close();
      const second = open();
      assertEquals(await everything(second), before);
      const late = await addNote(second, "ada", { rank: 0 });
      const { page } = await second.query("notes:page", {
        paginationOpts: { numItems: 9, cursor: null },
      }) as { page: Doc[] };
      assertEquals(page.map((note) => note._id), [ids[1], ids[2], late]);
      await second.close();
    },
  ),

  storeCase(
    "creation times go on growing after a reopening with a clock that went back",
    async (_store, open) => {
      const first = open({ now: () => 2_000_000_000_000 });
      const id = await addNote(first, "ada");
      const before = await first.query("notes:get", { id }) as Doc;
      await first.close();
      const second = open({ now: () => 1_000_000_000_000 });
      const after = await second.query("notes:get", {
        id: await addNote(second, "ada"),
      }) as Doc;
      assert(after._creationTime > before._creationTime);
      await second.close();
    },
  ),

  storeCase(
    "a schema that gains, changes and loses indexes finds them filled",
    async (store, open, subject) => {
      const first = open();
      for (const rank of [2, 1, 3]) {
        await addNote(first, "ada", {
          rank,
          text: `t${rank}`,
        });
      }
      await first.close();
      const second = open({ schema: subject.schemas.next });
      const byRank = await second.query("next:byRank", {}) as Doc[];
      assertEquals(byRank.map((note) => note.rank), [1, 2, 3]);
      assertEquals(
        (await second.query("next:byText", { text: "t3" }) as Doc[]).map((
          note,
        ) => note.rank),
        [3],
      );
      assertEquals(
        (await second.query("next:searchOwner", { text: "ada" }) as Doc[])
          .length,
        3,
      );
      await assertRefused(
        second.action("notes:near", { vector: [1, 0, 0] }),
        "INDEX_NOT_FOUND",
      );
      await second.close();
      const written = store.writtenOps;
      const third = open({ schema: subject.schemas.next });
      assertEquals(store.writtenOps, written);
      await third.close();
      const fourth = open();
      assertEquals(
        (await fourth.query("notes:list", { owner: "ada", above: 1 }) as Doc[])
          .map((note) => note.rank),
        [2, 3],
      );
      await fourth.close();
    },
  ),

  storeCase(
    "a schema that a document contradicts is refused with table, id and reason",
    async (_store, open, subject) => {
      const first = open();
      await addNote(first, "ada", { rank: 1 });
      const id = await addNote(first, "ada");
      await first.close();
      await assertRefused(
        () => Promise.resolve(open({ schema: subject.schemas.stricter })),
        "DOCUMENT_VALIDATION",
        id,
        '"notes"',
        "`rank`",
      );
      const again = open();
      assertEquals((await again.query("notes:get", { id }) as Doc)._id, id);
      // Nothing had been dropped for the schema that was refused.
      assertEquals(
        (await again.query("notes:list", { owner: "ada" }) as Doc[]).length,
        2,
      );
      assertEquals(
        (await again.query("notes:search", { text: "note" }) as Doc[]).length,
        2,
      );
      await again.mutation("notes:patch", { id, set: { rank: 2 } });
      await again.close();
      await open({ schema: subject.schemas.stricter }).close();
    },
  ),

  storeCase(
    "a store of a newer version, or with an unreadable catalog, is refused untouched",
    async (store, open) => {
      await open().close();
      const catalog = store.get("m")!;
      const refuse = async (row: string, code: string, ...texts: string[]) => {
        store.write([{ key: "m", value: row }]);
        const writes = count(store, "write");
        await assertRefused(() => Promise.resolve(open()), code, ...texts);
        assertEquals(store.get("m"), row);
        assertEquals(count(store, "write"), writes);
      };
      await refuse(
        JSON.stringify({ ...JSON.parse(catalog), format: 99 }),
        "STORE_VERSION",
        "99",
        "1",
      );
      await refuse("{broken", "STORE_CORRUPT", "{broken");
      await refuse("[]", "STORE_CORRUPT", "format");
      store.write([{ key: "m", value: catalog }]);
      await open().close();
    },
  ),

  storeCase(
    "a damaged document is reported, not returned",
    async (store, open) => {
      const engine = open();
      const id = await addNote(engine, "ada");
      const [entry] = [...store.scan({ start: "d", end: "e" })];
      store.write([{ key: entry!.key, value: entry!.value.slice(0, -5) }]);
      const error = await engine.query("notes:get", { id }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert(isCortexError(error));
      assertEquals(error.code, "STORE_CORRUPT");
      assertStringIncludes(error.message, id);
      await engine.close();
    },
  ),

  storeCase(
    "an index that could not be filled is made at the next opening",
    async (store, open, subject) => {
      const first = open();
      for (const rank of [2, 1]) await addNote(first, "ada", { rank });
      await first.close();
      const [entry] = [...store.scan({ start: "d", end: "e" })];
      store.write([{ key: entry!.key, value: "{" }]);
      // The type of `notes` is unchanged, so no check fails before the write.
      await assertRefused(
        () => Promise.resolve(open({ schema: subject.schemas.next })),
        "STORE_CORRUPT",
        entry!.key.slice(5),
      );
      store.write([entry!]);
      const second = open({ schema: subject.schemas.next });
      const found = await second.query("next:byRank", {}) as Doc[];
      assertEquals(found.map((note) => note.rank), [1, 2]);
      await second.close();
    },
  ),

  {
    name: "two engines in one process do not know of each other",
    async run(subject) {
      const one = subject.open();
      const two = subject.open();
      const id = await addNote(one, "ada");
      assertEquals(await two.query("notes:get", { id }), null);
      await one.close();
      assertEquals(typeof await addNote(two, "ada"), "string");
      await two.close();
    },
  },
];

type Open = (options?: Parameters<EngineSubject["open"]>[0]) => Engine;

/** A case over one store that stays open when an engine on it is closed. */
function storeCase(
  name: string,
  run: (store: SpyStore, open: Open, subject: EngineSubject) => Promise<void>,
): ContractCase<EngineSubject> {
  return {
    name,
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      try {
        await run(
          store,
          (options) => subject.open({ ...options, store }),
          subject,
        );
      } finally {
        store.closeReally();
      }
    },
  };
}

function count(store: SpyStore, kind: "write" | "flush"): number {
  return store.events.filter((event) => event === kind).length;
}

/** The results of every kind of read. */
async function everything(engine: Engine): Promise<unknown[]> {
  return [
    await engine.query("notes:list", { owner: "ada" }),
    await engine.query("notes:search", { text: "kept" }),
    await engine.query("notes:search", { text: "word3" }),
    await engine.action("notes:near", { vector: [1, 0, 0] }),
    await engine.query("notes:page", {
      paginationOpts: { numItems: 2, cursor: null },
    }),
  ];
}
