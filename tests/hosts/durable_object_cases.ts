import { assertEquals } from "@std/assert";
import {
  type DurableObjectStorageLike,
  openDurableObjectStore,
} from "../../src/store/durable_object_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { assertStoreError } from "../../src/testing/store/support.ts";
import type { ContractCase } from "../../src/testing/types.ts";

/** What only the store of a Durable Object does. */
export function durableObjectCases(
  storage: DurableObjectStorageLike & { deleteAll(): Promise<void> },
  openEmpty: () => SyncStore,
): ContractCase<void>[] {
  return [
    {
      name: "tables of the object's own stay as they are",
      run() {
        storage.sql.exec("CREATE TABLE kv(a)");
        storage.sql.exec("INSERT INTO kv VALUES('mine')");
        const store = openEmpty();
        store.write([{ key: "a", value: "ours" }]);
        assertEquals(storage.sql.exec("SELECT a FROM kv").toArray(), [{
          a: "mine",
        }]);
        store.close();
        storage.sql.exec("DROP TABLE kv");
      },
    },
    {
      name: "data of a newer format is STORE_VERSION and untouched",
      run() {
        openEmpty().write([{ key: "a", value: "1" }]);
        storage.sql.exec("UPDATE cortex_format SET version = 2");
        assertStoreError(
          () => openDurableObjectStore(storage),
          "STORE_VERSION",
          "format 2",
        );
        storage.sql.exec("UPDATE cortex_format SET version = 1");
        assertEquals(openDurableObjectStore(storage).get("a"), "1");
      },
    },
    {
      name: "a storage emptied by deleteAll is STORE_EMPTIED until opened anew",
      async run() {
        const store = openEmpty();
        store.write([{ key: "a", value: "1" }]);
        await storage.deleteAll();
        const emptied = (act: () => unknown) =>
          assertStoreError(act, "STORE_EMPTIED", "close() before");
        emptied(() => store.get("a"));
        const anew = openDurableObjectStore(storage);
        anew.write([{ key: "a", value: "2" }]);
        emptied(() => store.get("a"));
        emptied(() => [...store.scan({ start: "" })]);
        emptied(() => store.write([{ key: "a", value: "3" }]));
        store.close();
        assertEquals(anew.get("a"), "2");
      },
    },
    {
      name: "a write right after deleteAll is STORE_EMPTIED, and not kept",
      async run() {
        const store = openEmpty();
        await storage.deleteAll();
        assertStoreError(
          () => store.write([{ key: "a", value: "1" }]),
          "STORE_EMPTIED",
          "open it anew",
        );
        assertEquals(openDurableObjectStore(storage).get("a"), undefined);
      },
    },
    {
      name: "a storage without SQLite is STORE_UNAVAILABLE",
      run: () =>
        assertStoreError(
          () => openDurableObjectStore({} as DurableObjectStorageLike),
          "STORE_UNAVAILABLE",
          "new_sqlite_classes",
        ),
    },
  ];
}
