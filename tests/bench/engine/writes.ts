import { openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { keyToBytes, valueToColumn } from "../../../src/store/sqlite_codec.ts";
import { openDatabase } from "../../../src/store/sqlite_open.ts";
import type { StoreOp } from "../../../src/store/types.ts";
import { SpyStore } from "../../../src/testing/engine_subject.ts";
import * as backend from "./backend.ts";
import { Data } from "./data.ts";
import { rate } from "./measure.ts";
import type { Figures } from "./reads.ts";
import { inFile, type Subject } from "./subjects.ts";

/** Mutations that share a commit. */
const GROUP = 64;
const GROUPS = 40;
const ALONE = 200;
/** Documents that are there before. */
const BEFORE = 10_000;
/** The rates are taken by turns, because the disk is not the same from one moment to the next. */
const TURNS = 3;

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

  /** Inserts so many documents in one transaction. */
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
  const total = BEFORE + TURNS * (GROUP * GROUPS + ALONE) + 1000;
  const engine = inFile(`${folder}/ours.db`);
  const raw = new Raw(`${folder}/raw.db`, await rowsOf(total));
  let next = 0;
  const insertOne = () =>
    engine.mutation("bench:insertOne", { ...data.item(next++, total) });
  const insertGroup = (subject: Subject) => {
    const items = Array.from({ length: GROUP }, () => data.item(next++, total));
    return Promise.all(
      items.map((item) => subject.mutation("bench:insertOne", { ...item })),
    );
  };
  await Promise.all(Array.from({ length: BEFORE }, insertOne));
  raw.insert(BEFORE);
  const ours: Figures[] = [];
  const raws: Figures[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    ours.push({
      "durable inserts, 64 at once, /s": await rate(
        GROUPS,
        GROUP,
        () => insertGroup(engine),
      ),
      "durable inserts, alone, /s": await rate(ALONE, 1, insertOne),
    });
    raws.push({
      "durable inserts, 64 at once, /s": await rate(
        GROUPS,
        GROUP,
        () => raw.insert(GROUP),
      ),
      "durable inserts, alone, /s": await rate(ALONE, 1, () => raw.insert(1)),
    });
  }
  await engine.close();
  raw.close();
  return { ours: median(ours), raw: median(raws) };
}

function median(all: readonly Figures[]): Figures {
  return Object.fromEntries(
    Object.keys(all[0]!).map((name) => [
      name,
      all.map((figures) => figures[name]!).sort((a, b) => a - b)[
        all.length >> 1
      ]!,
    ]),
  );
}
