import { assert, assertEquals } from "@std/assert";
import type { Engine, ExportedDocument } from "../../engine/engine.ts";
import { seededRandom } from "../support/random.ts";
import type { ContractCase } from "../types.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A copy of an engine's notes, kept up to date as a connector of streaming export does. */
class Copy {
  readonly notes: Map<string, Doc> = new Map();
  /** Documents that came, in order. */
  readonly got: ExportedDocument[] = [];
  ts = 0n;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes a snapshot, calling `between` after each page. */
  async begin(between = async () => {}): Promise<void> {
    let cursor: string | null | undefined;
    let snapshot: bigint | undefined;
    while (cursor !== null) {
      const page = await this.#engine.changes.snapshot(
        isNotes,
        snapshot,
        cursor,
      );
      for (const document of page.documents) this.#take(document);
      ({ cursor, snapshot } = page);
      await between();
    }
    this.ts = snapshot!;
  }

  /** Takes what has changed since. */
  async follow(): Promise<void> {
    let hasMore = true;
    while (hasMore) {
      const page = await this.#engine.changes.after(isNotes, this.ts);
      for (const document of page.documents) this.#take(document);
      assert(page.cursor >= this.ts);
      ({ cursor: this.ts, hasMore } = page);
    }
  }

  #take(exported: ExportedDocument): void {
    const { id, ts, document } = exported;
    assertEquals(BigInt(Number(ts)), ts);
    this.got.push(exported);
    if (document) this.notes.set(id, document as Doc);
    else this.notes.delete(id);
  }
}

const isNotes = (_component: string, table: string) => table === "notes";

async function notesOf(engine: Engine): Promise<Doc[]> {
  const paginationOpts = { numItems: 8000, cursor: null };
  const { page } = await engine.query("notes:page", { paginationOpts }) as {
    page: Doc[];
  };
  return page;
}

function assertCopied(copy: Copy, notes: Doc[]): void {
  const ids = ({ _id: one }: Doc, { _id: other }: Doc) => one < other ? -1 : 1;
  assertEquals([...copy.notes.values()].sort(ids), notes.sort(ids));
}

/** The changes that a connector gets to keep a copy elsewhere. */
export const engineChangesContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a snapshot, and what changes while it is read and after it, make a copy",
    async (engine) => {
      const chance = seededRandom(7);
      const notes = Array.from(
        { length: 1500 },
        (_, at) => ({ owner: `o${at % 7}`, text: `${at}` }),
      );
      const ids = await engine.mutation("notes:addMany", { notes }) as string[];
      const change = async () => {
        for (let times = 0; times < 20; times++) {
          const id = chance.pick(ids);
          if (chance.below(3) === 0) {
            ids.push(await addNote(engine, "new"));
          } else if (chance.below(2) === 0) {
            await engine.mutation("notes:patch", { id, set: { rank: times } });
          } else {
            await engine.mutation("notes:remove", { id });
            ids.splice(ids.indexOf(id), 1);
          }
        }
      };
      const copy = new Copy(engine);
      await copy.begin(change);
      assertEquals(copy.got.length, 1500);
      for (let round = 0; round < 3; round++) {
        await copy.follow();
        assertCopied(copy, await notesOf(engine));
        await change();
      }
      const { length } = copy.got;
      await copy.follow();
      const times = copy.got.slice(length).map(({ ts }) => ts);
      assert(times.every((ts, at) => at === 0 || ts > times[at - 1]!));
    },
  ),

  engineCase(
    "changes are known after reopening, each document's latest, without what was in it",
    async (_, subject) => {
      const store = new SpyStore(subject.openStore());
      let nowMs = 1_700_000_000_000;
      const open = () => subject.open({ store, now: () => nowMs });
      let engine = open();
      const kept = await addNote(engine, "kept");
      await assertRefused(
        engine.changes.after(isNotes, 256n),
        "OUT_OF_RETENTION",
      );
      const copy = new Copy(engine);
      await copy.begin();
      const start = copy.ts;
      const gone = await addNote(engine, "gone", { text: "MARKER" });
      for (const rank of [1, 2]) {
        await engine.mutation("notes:patch", { id: kept, set: { rank } });
      }
      await engine.mutation("notes:remove", { id: gone });
      await engine.close();
      for (const { key, value } of store.scan({ start: "" })) {
        assert(!`${key}${value}`.includes("MARKER"));
      }
      // After the clock went back, no change gets a timestamp that was reported already.
      nowMs -= 5000;
      engine = open();
      const { documents } = await engine.changes.after(isNotes, start);
      assertEquals(documents.map(({ id, document }) => [id, document?.rank]), [
        [kept, 2],
        [gone, undefined],
      ]);
      const all = new Copy(engine);
      await all.follow();
      assertCopied(all, await notesOf(engine));
      await engine.mutation("notes:patch", { id: kept, set: { rank: 3 } });
      const later = await engine.changes.after(isNotes, documents[1]!.ts);
      assertEquals(later.documents.map(({ id }) => id), [kept]);
      await assertRefused(
        engine.changes.snapshot(isNotes, start - 256n),
        "OUT_OF_RETENTION",
      );
      await assertRefused(
        engine.changes.snapshot(isNotes, engine.timestamp() + 256n),
        "INVALID_ARGUMENT",
      );
      for (const cursor of ["", "{}", '{"table":1}']) {
        await assertRefused(
          engine.changes.snapshot(isNotes, undefined, cursor),
          "INVALID_ARGUMENT",
        );
      }
      await engine.close();
      store.closeReally();
    },
  ),

  engineCase(
    "changes are kept for 30 days, and noted for as long after somebody asked",
    async (_, subject) => {
      const store = new SpyStore(subject.openStore());
      let nowMs = 1_700_000_000_000;
      const engine = subject.open({ store, now: () => nowMs });
      const count = () => [...store.scan({ start: "l", end: "m" })].length;
      const id = await addNote(engine, "ada");
      assertEquals(count(), 0);
      const copy = new Copy(engine);
      await copy.begin();
      await addNote(engine, "old");
      const { ts } = copy;
      await copy.follow();
      assertEquals(count(), 2);
      nowMs += 20 * DAY_MS;
      await copy.follow();
      nowMs += 20 * DAY_MS;
      const patch = async (rank: number) =>
        await engine.mutation("notes:patch", { id, set: { rank } });
      await patch(1);
      assertEquals(count(), 2);
      await assertRefused(
        engine.changes.after(isNotes, ts),
        "OUT_OF_RETENTION",
      );
      await copy.follow();
      assertCopied(copy, await notesOf(engine));
      nowMs += 31 * DAY_MS;
      for (const rank of [2, 3]) {
        await patch(rank);
        nowMs += DAY_MS;
      }
      assertEquals(count(), 0);
      await assertRefused(
        engine.changes.after(isNotes, copy.ts),
        "OUT_OF_RETENTION",
      );
      await copy.begin();
      await patch(4);
      await copy.follow();
      assertCopied(copy, await notesOf(engine));
      await engine.close();
      store.closeReally();
    },
  ),

  engineCase(
    "a request after changes were no longer noted is known after reopening",
    async (_, subject) => {
      const store = new SpyStore(subject.openStore());
      let nowMs = 1_700_000_000_000;
      const open = () => subject.open({ store, now: () => nowMs });
      let engine = open();
      const id = await addNote(engine, "ada");
      const patch = (rank: number) =>
        engine.mutation("notes:patch", { id, set: { rank } });
      const copy = new Copy(engine);
      await copy.begin();
      await patch(1);
      nowMs += 31 * DAY_MS;
      await patch(2);
      nowMs += DAY_MS;
      await copy.begin();
      await engine.close();
      engine = open();
      await patch(3);
      const { documents } = await engine.changes.after(isNotes, copy.ts);
      assertEquals(documents.map(({ document }) => document?.rank), [3]);
      await engine.close();
      store.closeReally();
    },
  ),

  engineCase(
    "all that is there are the changes after 0",
    async (engine) => {
      const notes = Array.from(
        { length: 1100 },
        (_, at) => ({ owner: "a", text: `${at}` }),
      );
      const [id] = await engine.mutation("notes:addMany", {
        notes,
      }) as string[];
      const copy = new Copy(engine);
      await copy.follow();
      assertCopied(copy, await notesOf(engine));
      await engine.mutation("notes:patch", { id, set: { rank: 1 } });
      await addNote(engine, "new");
      const again = new Copy(engine);
      for (const one of [copy, again]) {
        await one.follow();
        assertCopied(one, await notesOf(engine));
      }
      assertEquals(again.got.length, 1101);
    },
  ),
];
