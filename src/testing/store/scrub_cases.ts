import { assert, assertStrictEquals } from "@std/assert";
import type { SyncStore } from "../../store/types.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { FileStoreSubject } from "./file_contract.ts";
import type { ContractCase } from "../types.ts";

const MARKER = "removedmarker";
const ROWS = 600;

/** How often the marker occurs in the file and in SQLite's files beside it. */
function traces(subject: FileStoreSubject, path: string): number {
  let count = 0;
  for (const name of [path, `${path}-wal`, `${path}-shm`]) {
    if (!subject.exists(name)) continue;
    const text = new TextDecoder("latin1").decode(subject.read(name));
    count += text.split(MARKER).length - 1;
  }
  return count;
}

/** Writes and rewrites values of all sizes, so that rows move; returns the keys of the marked ones. */
function fillMarked(store: SyncStore, random: Random): string[] {
  const marked: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    const key = `k${random.below(1_000_000)}`;
    const isMarked = row % 3 === 0;
    if (isMarked) marked.push(key);
    const size = random.below(row % 50 === 0 ? 20_000 : 1000);
    const value = `${isMarked ? MARKER : "kept"} ${"x".repeat(size)}`;
    store.write([{ key, value }]);
    if (row % 20 === 0) store.flush();
  }
  store.flush();
  return marked;
}

/** The bytes of removed values must not stay in the file. */
export const storeScrubCases: ContractCase<FileStoreSubject>[] = [
  {
    name:
      "what was removed is nowhere in the bytes after scrub, and the rest is intact",
    run(subject) {
      for (let seed = 1; seed <= 2; seed++) {
        const path = subject.path(`${seed}.db`);
        const store = subject.open(path);
        const marked = fillMarked(store, seededRandom(seed));
        assert(traces(subject, path) >= marked.length / 2);
        for (const key of marked) store.write([{ key }]);
        const kept = [...store.scan({ start: "" })];
        while (!store.scrub!());
        assertStrictEquals(traces(subject, path), 0, `seed ${seed}`);
        const same = () =>
          JSON.stringify([...store.scan({ start: "" })]) ===
            JSON.stringify(kept);
        assert(same(), "read again");
        // Pages cached by SQLite must not bring the marker back.
        for (const { key } of kept) store.write([{ key, value: "short" }]);
        store.close();
        assertStrictEquals(traces(subject, path), 0, `seed ${seed}, closed`);
        const again = subject.open(path);
        assertStrictEquals([...again.scan({ start: "" })].length, kept.length);
        again.close();
      }
    },
  },
  {
    name: "what was replaced is nowhere in the bytes after close",
    run(subject) {
      const path = subject.path("a.db");
      const store = subject.open(path);
      const marked = fillMarked(store, seededRandom(9));
      for (const key of marked) store.write([{ key, value: "other" }]);
      store.close();
      assertStrictEquals(traces(subject, path), 0);
    },
  },
];
