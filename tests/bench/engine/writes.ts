import { openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { keyToBytes, valueToColumn } from "../../../src/store/sqlite_codec.ts";
import { openDatabase } from "../../../src/store/sqlite_open.ts";
import type { StoreOp } from "../../../src/store/types.ts";
import { SpyStore } from "../../../src/testing/engine/subject.ts";
import * as backend from "./backend.ts";
import { Data } from "./data.ts";
import type { Best } from "./measure.ts";
import { inFile } from "./subjects.ts";

type Figures = { [name: string]: Best };

/** Mutations that share a commit. */
const GROUP = 64;
const GROUPS = 100;
const ALONE = 200;
/** Documents that are there before. */
const BEFORE = 10_000;

/** The rows that the engine writes for a document with two indexes. */
async function rowsOf(count: number): Promise<StoreOp[][]> {
  const documents: StoreOp[][] = [];
  class Recorder extends SpyStore {
    override write(ops: readonly StoreOp[]): void {
      documents.push([...ops]);
      super.write(ops);
    }
  }
  const engine = openEngine({
    schema: backend.schema,
    modules: { bench: backend },
    store: new Recorder(openMemoryStore()),
  });
  documents.length = 0;
  const data = new Data();
  for (let at = 0; at < count; at++) {
    await engine.mutation("bench:insertOne", { ...data.item(at, count) });
  }
  await engine.close();
  return documents;
}

/** SQLite alone: the same rows, driver and pragmas. */
class Raw {
  readonly #database;
  readonly #documents: [Uint8Array, string | Uint8Array][][];
  #next = 0;

  constructor(path: string, documents: readonly StoreOp[][]) {
    this.#database = openDatabase(path);
    this.#documents = documents.map((rows) =>
      rows.map(({ key, value }) => [keyToBytes(key), valueToColumn(value!)])
    );
    const { begin, commit, insert } = this.#statements();
    this.insert = (count) => {
      begin.run();
      for (let i = 0; i < count; i++) {
        for (const row of this.#documents[this.#next++]!) insert.run(...row);
      }
      commit.run();
    };
  }

  /** Inserts `count` documents in one transaction. */
  readonly insert: (count: number) => void;

  close(): void {
    this.#database.close();
  }

  #statements() {
    return {
      begin: this.#database.prepare("BEGIN IMMEDIATE"),
      commit: this.#database.prepare("COMMIT"),
      insert: this.#database.prepare("REPLACE INTO kv(k, v) VALUES(?, ?)"),
    };
  }
}

/** Durable inserts with two indexes a second: ours and SQLite's own, in files of `folder`. */
export async function measureWrites(
  folder: string,
): Promise<{ ours: Figures; raw: Figures }> {
  const data = new Data();
  const total = BEFORE + GROUP * GROUPS + ALONE;
  const engine = inFile(`${folder}/ours.db`);
  const raw = new Raw(`${folder}/raw.db`, await rowsOf(total));
  const items = Array.from({ length: total }, (_, at) => data.item(at, total));
  let next = 0;
  const insertOne = () =>
    engine.mutation("bench:insertOne", { ...items[next++]! });
  const insertGroup = () =>
    Promise.all(Array.from({ length: GROUP }, insertOne));
  await Promise.all(Array.from({ length: BEFORE }, insertOne));
  raw.insert(BEFORE);
  // By turns, one group each, because the disk is not the same from one moment to the next.
  const grouped = await race(
    GROUPS,
    GROUP,
    insertGroup,
    () => raw.insert(GROUP),
  );
  const alone = await race(ALONE, 1, insertOne, () => raw.insert(1));
  await engine.close();
  raw.close();
  const figures = (at: 0 | 1): Figures => ({
    // By the clock: what is waited for is the disk.
    "durable inserts, 64 at once": grouped[at],
    "durable inserts, alone": alone[at],
  });
  return { ours: figures(0), raw: figures(1) };
}

/** What one insert takes of two that do the same by turns, in the mean: a disk has no best turn. */
async function race(
  turns: number,
  count: number,
  one: () => Promise<unknown>,
  other: () => void,
): Promise<[Best, Best]> {
  let oneMs = 0;
  let otherMs = 0;
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    await one();
    const middle = performance.now();
    other();
    oneMs += middle - start;
    otherMs += performance.now() - middle;
  }
  const each = (ms: number): Best => ({
    wallMs: ms / turns / count,
    cpuMs: ms / turns / count,
  });
  return [each(oneMs), each(otherMs)];
}
