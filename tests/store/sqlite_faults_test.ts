import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { StoreError } from "../../src/errors.ts";
import type { SqliteDatabase } from "../../src/store/sqlite_types.ts";
import { openDatabase } from "../../src/store/sqlite_open.ts";
import { openSqliteStore, SqliteStore } from "../../src/store/sqlite_store.ts";
import type { StoreOp, SyncStore } from "../../src/store/types.ts";
import { assertStoreError, scanned } from "../../src/testing/store/support.ts";
import { aroundRuns } from "../support/watched_database.ts";

/** Which runs of statements fail, counted from 1 after the store is open, and whether the transaction goes with it. */
interface Faults {
  failing: number[];
  rollsBack: boolean;
}

/** A database whose statements fail on request. */
function faulty(database: SqliteDatabase, faults: Faults): SqliteDatabase {
  let runs = 0;
  return aroundRuns(database, (sql, run) => {
    if (sql !== "ROLLBACK" && faults.failing.includes(++runs)) {
      if (faults.rollsBack && database.isTransaction) {
        database.prepare("ROLLBACK").run();
      }
      throw new Error("injected");
    }
    return run();
  });
}

const set = (key: string, value: string): StoreOp => ({ key, value });

/** Writes of one, two and three changes, some of which replace or remove what came before. */
const WRITES: StoreOp[][] = [
  [set("a", "1")],
  [set("b", "1"), set("c", "1")],
  [{ key: "a" }, set("b", "2"), set("d", "1")],
  [set("c", "3")],
  [{ key: "d" }, { key: "b" }],
];

/**
 * Statements that the writes and their flushes run when nothing fails, and those of them that stop the store when they
 * end its transaction, by how many changes the store keeps.
 */
const ALL_RUNS = [
  { maxKeptOps: 100, runs: 15, stops: 3 },
  { maxKeptOps: 2, runs: 15, stops: 4 },
  { maxKeptOps: 0, runs: 17, stops: 8 },
];

interface Outcome {
  /** Entries after the last call that did not fail, as the model says. */
  visible: string[];
  /** Entries after the last flush that did not fail. */
  durable: string[];
  stopped: boolean;
  /** Calls that threw. */
  failures: number;
}

/** Runs all writes, flushing after every second one, and compares the store with a model after each. */
function runWrites(store: SyncStore): Outcome {
  let model = new Map<string, string>();
  let durable = model;
  let failures = 0;
  const list = (entries: Map<string, string>) =>
    [...entries].map(([key, value]) => `${key}=${value}`).sort();
  const succeeds = (call: () => void) => {
    try {
      call();
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      failures++;
      return false;
    }
  };
  for (const [at, ops] of WRITES.entries()) {
    if (succeeds(() => store.write(ops))) {
      model = new Map(model);
      for (const { key, value } of ops) {
        if (value === undefined) model.delete(key);
        else model.set(key, value);
      }
    }
    if (at % 2 === 1 && succeeds(() => store.flush())) durable = model;
    try {
      assertEquals(scanned(store, { start: "" }), list(model));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      assertStrictEquals(error.code, "STORE_FAILED");
      return {
        visible: list(model),
        durable: list(durable),
        stopped: true,
        failures,
      };
    }
  }
  return {
    visible: list(model),
    durable: list(durable),
    stopped: false,
    failures,
  };
}

function withFile(check: (path: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    check(`${directory}/a.db`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function runWithFaults(
  path: string,
  faults: Faults,
  maxKeptOps: number,
): Outcome & { kept: string[] } {
  const database = openDatabase(path);
  const store = new SqliteStore(faulty(database, faults), path, maxKeptOps);
  const outcome = runWrites(store);
  try {
    store.close();
  } catch (error) {
    // The fault may sit in the last flush, which close does.
    if (!(error instanceof StoreError)) throw error;
    outcome.stopped = true;
    outcome.failures++;
  }
  const again = openSqliteStore({ path });
  const kept = scanned(again, { start: "" });
  again.close();
  return { ...outcome, kept };
}

Deno.test("a statement that fails takes back its own write only", () => {
  for (const { maxKeptOps, runs } of ALL_RUNS) {
    for (let at = 1; at <= runs + 1; at++) {
      withFile((path) => {
        const { visible, durable, stopped, failures, kept } = runWithFaults(
          path,
          { failing: [at], rollsBack: false },
          maxKeptOps,
        );
        const where = `fault at ${at}, ${maxKeptOps} changes kept`;
        assertStrictEquals(failures, at <= runs ? 1 : 0, where);
        assertEquals(kept, stopped ? durable : visible, where);
      });
    }
  }
});

Deno.test("a failure that rolls back everything stops the store unless the writes before it can be made again", () => {
  for (const { maxKeptOps, runs, stops } of ALL_RUNS) {
    const stopped: number[] = [];
    for (let at = 1; at <= runs; at++) {
      withFile((path) => {
        const outcome = runWithFaults(
          path,
          { failing: [at], rollsBack: true },
          maxKeptOps,
        );
        const { visible, durable, kept } = outcome;
        const where = `fault at ${at}, ${maxKeptOps} changes kept`;
        assertEquals(kept, outcome.stopped ? durable : visible, where);
        if (outcome.stopped) stopped.push(at);
      });
    }
    assertStrictEquals(stopped.length, stops, `stopped at ${stopped}`);
  }
});

Deno.test("long changes are not kept to be made again", () => {
  const run: string[] = [];
  const database = aroundRuns(openDatabase(":memory:"), (sql, go) => {
    run.push(sql);
    return go();
  });
  const store = new SqliteStore(database, ":memory:", 100, 100);
  const write = (...ops: StoreOp[]) => {
    run.length = 0;
    store.write(ops);
    return run.some((sql) => sql.startsWith("SAVEPOINT"));
  };
  const two = [set("a", "x".repeat(40)), set("b", "")];
  // None is needed while all that was written before is kept.
  assertEquals([write(...two), write(...two), write(...two)], [
    ...[false, false, false],
  ]);
  assertEquals(write(...two), true);
  store.flush();
  assertEquals(write(set("a", "x".repeat(200)), set("b", "")), false);
  assertEquals(write(...two), true);
  store.close();
});

Deno.test("a write that cannot be taken back stops the store", () => {
  withFile((path) => {
    const faults = { failing: [6, 7], rollsBack: false };
    const store = new SqliteStore(faulty(openDatabase(path), faults), path);
    store.write([set("a", "1")]);
    store.flush();
    store.write([set("b", "1")]);
    // 6 is its first change, 7 the new beginning.
    assertStoreError(
      () => store.write([set("c", "1"), set("d", "1")]),
      "STORE_IO_FAILED",
      "injected",
    );
    assertStoreError(() => store.get("a"), "STORE_FAILED", "open the file");
    assertStoreError(() => store.flush(), "STORE_FAILED");
    store.close();
    const again = openSqliteStore({ path });
    assertEquals(scanned(again, { start: "" }), ["a=1"]);
    again.close();
  });
});

Deno.test("a commit that fails is not acknowledged, now or later", () => {
  withFile((path) => {
    const faults = { failing: [3], rollsBack: false };
    const store = new SqliteStore(faulty(openDatabase(path), faults), path);
    store.write([set("a", "1")]);
    const error = assertThrows(() => store.flush(), StoreError);
    assertStrictEquals((error as StoreError).code, "STORE_IO_FAILED");
    assertStrictEquals((error.cause as Error).message, "injected");
    assertStoreError(() => store.flush(), "STORE_FAILED");
    store.close();
    const again = openSqliteStore({ path });
    assertEquals(scanned(again, { start: "" }), []);
    again.close();
  });
});

Deno.test("a file that cannot be released says so by a code, once", () => {
  withFile((path) => {
    const database = openDatabase(path);
    const refusing = {
      ...faulty(database, { failing: [], rollsBack: false }),
      close() {
        database.close();
        throw Object.assign(new Error("injected"), { errcode: 13 });
      },
    };
    const store = new SqliteStore(refusing, path);
    store.write([set("a", "1")]);
    assertStoreError(() => store.close(), "STORE_FULL");
    store.close();
    const again = openSqliteStore({ path });
    assertEquals(scanned(again, { start: "" }), ["a=1"]);
    again.close();
  });
});

Deno.test("a full disk is STORE_FULL and keeps what was flushed", () => {
  withFile((path) => {
    const database = openDatabase(path);
    database.prepare("PRAGMA max_page_count = 60").get();
    const store = new SqliteStore(database, path);
    const flushed: string[] = [];
    const failure = assertThrows(() => {
      for (let i = 0; i < 1000; i++) {
        const ops = ["a", "b", "c"].map((part) =>
          set(`k${String(i).padStart(4, "0")}${part}`, "v".repeat(900))
        );
        store.write(ops);
        store.flush();
        flushed.push(...ops.map(({ key }) => key));
      }
    }, StoreError);
    assertStrictEquals((failure as StoreError).code, "STORE_FULL");
    assertStrictEquals(flushed.length > 30, true, `${flushed.length} keys`);
    store.close();
    const again = openSqliteStore({ path });
    assertEquals(
      [...again.scan({ start: "" })].map(({ key }) => key),
      flushed,
    );
    again.close();
  });
});

Deno.test("a write for which the disk has no room takes nothing with it, and smaller ones go on", () => {
  withFile((path) => {
    const database = openDatabase(path);
    const store = new SqliteStore(database, path);
    database.prepare("PRAGMA max_page_count = 30").get();
    store.write([set("a", "1")]);
    store.flush();
    const long = set("b", "v".repeat(1_000_000));
    for (const ops of [[long], [set("c", "1"), long]]) {
      store.write([set("d", String(ops.length))]);
      assertStoreError(() => store.write(ops), "STORE_FULL");
      assertEquals(scanned(store, { start: "" }), ["a=1", `d=${ops.length}`]);
      store.flush();
    }
    store.write([set("e", "1")]);
    store.close();
    const again = openSqliteStore({ path });
    assertEquals(scanned(again, { start: "" }), ["a=1", "d=2", "e=1"]);
    again.close();
  });
});
