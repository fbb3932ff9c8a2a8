import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { SyncStore } from "../../store/types.ts";
import { assertStoreError, scanned } from "./support.ts";
import type { ContractCase } from "../types.ts";

/** What a case of a store in a SQLite file needs. */
export interface FileStoreSubject {
  /** A path in a directory for this case, which is removed afterwards. */
  path(name: string): string;
  /** Opens the store in a file. The case closes it. */
  open(path: string): SyncStore;
  /** Reads a whole file. */
  read(path: string): Uint8Array;
  /** Writes a whole file. */
  write(path: string, bytes: Uint8Array): void;
  /** Does the file exist? */
  exists(path: string): boolean;
  /** Gives a file another path. */
  rename(path: string, newPath: string): void;
}

type FileCase = ContractCase<FileStoreSubject>;

/** Offsets of two big-endian numbers in SQLite's header. */
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

/** Makes a closed store with many entries, and returns its bytes. */
function filled(subject: FileStoreSubject, path: string): Uint8Array {
  const store = subject.open(path);
  store.write(Array.from({ length: 2000 }, (_, i) => ({
    key: `k${i}`,
    value: "v".repeat(50),
  })));
  store.close();
  return subject.read(path);
}

/** Makes a closed store, changes its bytes, and asserts that opening it is refused and leaves it unchanged. */
function assertRefusedAfter(
  subject: FileStoreSubject,
  change: (bytes: Uint8Array) => Uint8Array,
  code: string,
  text: string,
): void {
  const path = subject.path(`changed ${text}.db`);
  const bytes = change(filled(subject, path));
  subject.write(path, bytes);
  assertStoreError(() => subject.open(path), code, text);
  assertEquals(subject.read(path), bytes);
}

function withNumberAt(at: number, value: number) {
  return (bytes: Uint8Array): Uint8Array => {
    const changed = bytes.slice();
    new DataView(changed.buffer).setInt32(at, value);
    return changed;
  };
}

const lifeCases: FileCase[] = [
  {
    name: "what was written is there after close and open",
    run(subject) {
      const path = subject.path("a.db");
      const store = subject.open(path);
      assertStrictEquals(store.capabilities.durable, true);
      store.write([{ key: "a\0", value: "1\0" }, { key: "b", value: "2" }]);
      store.flush();
      store.write([{ key: "b" }, { key: "c", value: "not flushed" }]);
      store.close();
      const again = subject.open(path);
      assertEquals(scanned(again, { start: "" }), [
        "a\0=1\0",
        "c=not flushed",
      ]);
      again.close();
    },
  },
  {
    name: "nothing is left beside the file after close",
    run(subject) {
      const path = subject.path("a.db");
      const store = subject.open(path);
      store.write([{ key: "a", value: "1" }]);
      store.close();
      for (const suffix of ["-wal", "-shm", "-journal"]) {
        assert(!subject.exists(path + suffix), suffix);
      }
    },
  },
  {
    name: "an empty file becomes a store",
    run(subject) {
      const path = subject.path("empty.db");
      subject.write(path, new Uint8Array(0));
      const store = subject.open(path);
      store.write([{ key: "a", value: "1" }]);
      store.close();
      const again = subject.open(path);
      assertStrictEquals(again.get("a"), "1");
      again.close();
    },
  },
  {
    name: "a path may hold blanks, signs of URLs and letters of any script",
    run(subject) {
      const path = subject.path("a b#c?d%20é漢'\".db");
      subject.open(path).close();
      assert(subject.exists(path), path);
    },
  },
  {
    name: "`:memory:` keeps nothing and makes no file",
    run(subject) {
      const store = subject.open(":memory:");
      assertStrictEquals(store.capabilities.durable, false);
      store.write([{ key: "a", value: "1" }]);
      store.flush();
      assertStrictEquals(store.get("a"), "1");
      store.close();
      const other = subject.open(":memory:");
      assertStrictEquals(other.get("a"), undefined);
      other.close();
      assert(!subject.exists(":memory:"));
    },
  },
];

const lockCases: FileCase[] = [
  {
    name:
      "a file in use is STORE_LOCKED for everybody else, and free after close",
    run(subject) {
      const path = subject.path("a.db");
      const store = subject.open(path);
      assertStoreError(() => subject.open(path), "STORE_LOCKED", "a.db");
      store.write([{ key: "a", value: "1" }]);
      store.flush();
      assertStoreError(() => subject.open(path), "STORE_LOCKED");
      store.write([{ key: "b", value: "2" }]);
      store.close();
      const next = subject.open(path);
      assertEquals(scanned(next, { start: "" }), ["a=1", "b=2"]);
      next.close();
    },
  },
  {
    name: "a file that was opened again is locked before its first write",
    run(subject) {
      const path = subject.path("a.db");
      filled(subject, path);
      const store = subject.open(path);
      assertStoreError(() => subject.open(path), "STORE_LOCKED");
      store.close();
    },
  },
];

const lossCases: FileCase[] = [
  {
    name:
      "a file that was moved or replaced keeps what was flushed, and gets no more",
    run(subject) {
      for (const isReplaced of [false, true]) {
        const path = subject.path(`moved ${isReplaced}.db`);
        const bytes = filled(subject, path);
        const store = subject.open(path);
        store.write([{ key: "a", value: "1" }]);
        store.flush();
        subject.rename(path, `${path}.old`);
        if (isReplaced) subject.write(path, bytes);
        store.write([{ key: "a", value: "2" }]);
        assertStoreError(
          () => store.flush(),
          "STORE_IO_FAILED",
          "deleted, moved or replaced",
        );
        assertStoreError(() => store.get("a"), "STORE_FAILED");
        store.close();
        const values = [path, `${path}.old`].map((file) => {
          const again = subject.open(file);
          const value = again.get("a");
          again.close();
          return value;
        });
        assertEquals(values, [undefined, "1"]);
      }
    },
  },
  {
    name: "closing a file that was replaced leaves the other one as it is",
    run(subject) {
      const path = subject.path("replaced.db");
      const bytes = filled(subject, path);
      const store = subject.open(path);
      store.write([{ key: "a", value: "1" }]);
      store.flush();
      subject.rename(path, `${path}.old`);
      // Passes for a page with nothing between its rows.
      const other = bytes.fill(1);
      other.set([10, 0, 0, 0, 0, 16, 0], 100);
      subject.write(path, other);
      store.close();
      assertEquals(subject.read(path), other);
      const again = subject.open(`${path}.old`);
      assertEquals(again.get("a"), "1");
      again.close();
    },
  },
];

const damageCases: FileCase[] = [
  {
    name: "a text is no store: STORE_CORRUPT, and it stays as it is",
    run(subject) {
      const path = subject.path("notes.txt");
      const text = new TextEncoder().encode("Dear diary, ".repeat(1000));
      subject.write(path, text);
      assertStoreError(() => subject.open(path), "STORE_CORRUPT", "notes.txt");
      assertEquals(subject.read(path), text);
    },
  },
  {
    name: "a file cut at any length is STORE_CORRUPT",
    run(subject) {
      const path = subject.path("whole.db");
      const bytes = filled(subject, path);
      const inLastPage = bytes.length - 1000;
      for (const length of [1, 7, 99, 100, 512, 4097, 40_000, inLastPage]) {
        const cut = subject.path(`cut${length}.db`);
        subject.write(cut, bytes.slice(0, length));
        assertStoreError(() => subject.open(cut), "STORE_CORRUPT");
      }
    },
  },
  {
    name: "a damaged page is STORE_CORRUPT at the latest when it is read",
    run(subject) {
      const path = subject.path("damaged.db");
      const bytes = filled(subject, path);
      subject.write(path, bytes.fill(0xaa, 4096, 8192));
      assertStoreError(() => {
        const store = subject.open(path);
        try {
          scanned(store, { start: "" });
        } finally {
          store.close();
        }
      }, "STORE_CORRUPT");
    },
  },
  {
    name: "a damaged header is STORE_CORRUPT",
    run: (subject) =>
      assertRefusedAfter(
        subject,
        (bytes) => bytes.fill(0, 0, 16),
        "STORE_CORRUPT",
        "damaged",
      ),
  },
  {
    name: "a format of zero is STORE_CORRUPT",
    run: (subject) =>
      assertRefusedAfter(
        subject,
        withNumberAt(USER_VERSION_AT, 0),
        "STORE_CORRUPT",
        "format 0",
      ),
  },
  {
    name: "a database of another application is STORE_FOREIGN and untouched",
    run(subject) {
      for (const id of [0, 7, -1]) {
        assertRefusedAfter(
          subject,
          withNumberAt(APPLICATION_ID_AT, id),
          "STORE_FOREIGN",
          `application id ${id}`,
        );
      }
    },
  },
  {
    name: "a file of a newer format is STORE_VERSION and untouched",
    run: (subject) =>
      assertRefusedAfter(
        subject,
        withNumberAt(USER_VERSION_AT, 2),
        "STORE_VERSION",
        "has format 2, this version reads formats up to 1",
      ),
  },
];

const pathCases: FileCase[] = [
  {
    name: "a path in a missing directory is STORE_OPEN_FAILED and named",
    run: (subject) =>
      assertStoreError(
        () => subject.open(subject.path("missing/a.db")),
        "STORE_OPEN_FAILED",
        "missing/a.db",
      ),
  },
  {
    name: "a directory is STORE_OPEN_FAILED",
    run: (subject) =>
      assertStoreError(
        () => subject.open(subject.path(".")),
        "STORE_OPEN_FAILED",
        "cannot be read and written, or made in its folder",
      ),
  },
  {
    name: "a path that is no path is STORE_OPEN_FAILED",
    run(subject) {
      const wrong = ["", "a\0b", "file:a.db", "FILE:///a.db?mode=memory"];
      for (const path of [...wrong, 7 as unknown as string]) {
        assertStoreError(() => subject.open(path), "STORE_OPEN_FAILED", "path");
      }
    },
  },
];

/** What a store in a SQLite file must do besides the contract of all stores. */
export const storeFileContract: ContractCase<FileStoreSubject>[] = [
  ...lifeCases,
  ...lockCases,
  ...lossCases,
  ...damageCases,
  ...pathCases,
];
