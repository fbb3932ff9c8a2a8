import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { StoreOp } from "../../store/types.ts";
import { storeRandomCases } from "./random_cases.ts";
import {
  assertStoreError,
  onStore,
  scanned,
  type StoreSubject,
} from "./support.ts";
import type { ContractCase } from "../types.ts";

export type { StoreSubject } from "./support.ts";

const set = (...keys: string[]): StoreOp[] =>
  keys.map((key) => ({ key, value: key.toUpperCase() }));

/** Ascending keys, enough for a scan to take several steps. */
const MANY = Array.from(
  { length: 3000 },
  (_, i) => `k${String(i).padStart(5, "0")}`,
);

const basicCases: ContractCase<StoreSubject>[] = [
  {
    name: "a new store is empty",
    run: (subject) =>
      onStore(subject, (store) => {
        assertEquals(scanned(store, { start: "" }), []);
        assertEquals(scanned(store, { start: "", reverse: true }), []);
        assertStrictEquals(store.get("a"), undefined);
      }),
  },
  {
    name: "a written value is read at once, also before flush",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write([{ key: "a", value: "1" }]);
        assertStrictEquals(store.get("a"), "1");
        assertEquals(scanned(store, { start: "" }), ["a=1"]);
        store.flush();
        assertStrictEquals(store.get("a"), "1");
      }),
  },
  {
    name: "a later write replaces, a write without a value removes",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write([{ key: "a", value: "1" }, { key: "b", value: "2" }]);
        store.write([{ key: "a", value: "3" }, { key: "b" }]);
        assertEquals(scanned(store, { start: "" }), ["a=3"]);
        store.write([{ key: "a", value: undefined }]);
        assertEquals(scanned(store, { start: "" }), []);
      }),
  },
  {
    name: "removing an absent key is allowed",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write([{ key: "a" }, { key: "b", value: "1" }, { key: "c" }]);
        assertEquals(scanned(store, { start: "" }), ["b=1"]);
      }),
  },
  {
    name: "changes of one write apply in order",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write([
          { key: "a", value: "1" },
          { key: "a" },
          { key: "a", value: "2" },
          { key: "b", value: "1" },
          { key: "b" },
        ]);
        assertEquals(scanned(store, { start: "" }), ["a=2"]);
      }),
  },
  {
    name: "an empty write and a flush without writes are allowed",
    run: (subject) =>
      onStore(subject, (store) => {
        store.flush();
        store.write([]);
        store.flush();
        assertEquals(scanned(store, { start: "" }), []);
      }),
  },
  {
    name: "a scan holds its start and not its end",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(set("a", "b", "c", "d"));
        assertEquals(scanned(store, { start: "b", end: "d" }), ["b=B", "c=C"]);
        assertEquals(scanned(store, { start: "bb", end: "cc" }), ["c=C"]);
        assertEquals(scanned(store, { start: "c" }), ["c=C", "d=D"]);
        assertEquals(scanned(store, { start: "e" }), []);
      }),
  },
  {
    name: "a reverse scan gives the same entries from the other side",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(set("a", "b", "c", "d"));
        const reverse = true;
        assertEquals(scanned(store, { start: "b", end: "d", reverse }), [
          "c=C",
          "b=B",
        ]);
        assertEquals(scanned(store, { start: "c", reverse }), ["d=D", "c=C"]);
        assertEquals(scanned(store, { start: "e", reverse }), []);
        assertEquals(scanned(store, { start: "", end: "a", reverse }), []);
      }),
  },
  {
    name: "a range that ends before it starts is empty",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(set("a", "b", "c"));
        for (const reverse of [false, true]) {
          assertEquals(scanned(store, { start: "c", end: "a", reverse }), []);
          assertEquals(scanned(store, { start: "b", end: "b", reverse }), []);
        }
      }),
  },
  {
    name: "a limit cuts a scan on either side, a limit of 0 gives nothing",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(set("a", "b", "c"));
        assertEquals(scanned(store, { start: "", limit: 2 }), ["a=A", "b=B"]);
        assertEquals(
          scanned(store, { start: "", limit: 2, reverse: true }),
          ["c=C", "b=B"],
        );
        assertEquals(scanned(store, { start: "", limit: 0 }), []);
        assertEquals(scanned(store, { start: "", limit: 9 }).length, 3);
      }),
  },
  {
    name: "keys order by their characters, NUL, U+00FF and the empty key too",
    run: (subject) =>
      onStore(subject, (store) => {
        const keys = ["", "\0", "\0\0", "\0ÿ", "\x01", "a", "a\0", "a\0b"];
        keys.push("aa", "b", "\x7f", "\x80", "é", "ÿ", "ÿ\0", "ÿÿ");
        store.write([...keys].reverse().map((key) => ({ key, value: "v" })));
        assertEquals([...store.scan({ start: "" })].map((e) => e.key), keys);
        assertEquals(
          [...store.scan({ start: "", reverse: true })].map((e) => e.key),
          keys.toReversed(),
        );
        for (const key of keys) assertStrictEquals(store.get(key), "v");
      }),
  },
  {
    name: "a visit gives keys of every byte and of any length, both ways",
    run: (subject) =>
      onStore(subject, (store) => {
        const keys = Array.from({ length: 256 }, (_, code) => {
          const character = String.fromCharCode(code);
          return `i\0\0\0\x01${character}${"\0".repeat(code % 3)}${
            character.repeat(code * code % 97)
          }`;
        });
        store.write(keys.map((key) => ({ key, value: "" })));
        for (const reverse of [false, true]) {
          const found: string[] = [];
          const range = { start: keys[0]!, end: "i\0\0\0\x02", reverse };
          const isDone = store.visit?.(range, (keys, _notes, from, to) => {
            for (let at = from; at !== to; at += reverse ? -1 : 1) {
              found.push(keys[at]!);
            }
            return true;
          });
          if (!isDone) return;
          assertEquals(found, reverse ? keys.toReversed() : keys);
        }
      }),
  },
  {
    name: "values keep every character: NUL, half pairs, none at all, much",
    run: (subject) =>
      onStore(subject, (store) => {
        const values = ["", "\0", "a\0b", "\ud800", "x\udc00y", "é\u{1f600}"];
        values.push("\ufeffbom", "z".repeat(300_000), "\0é".repeat(20_000));
        store.write(values.map((value, i) => ({ key: `v${i}`, value })));
        store.flush();
        values.forEach((value, i) =>
          assertStrictEquals(store.get(`v${i}`) === value, true, `value ${i}`)
        );
        const entries = [...store.scan({ start: "v" })];
        assertStrictEquals(
          entries.every((entry, i) => entry.value === values[i]),
          true,
        );
      }),
  },
];

const scanCases: ContractCase<StoreSubject>[] = [
  {
    name: "a scan over thousands of keys gives each once, in order",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(MANY.map((key) => ({ key, value: "v" })));
        const keys = [...store.scan({ start: "" })].map((entry) => entry.key);
        assertEquals(keys, MANY);
        const back = [...store.scan({ start: "", reverse: true })];
        assertEquals(back.map((entry) => entry.key), MANY.toReversed());
        assertEquals([...store.scan({ start: "", limit: 1500 })].length, 1500);
      }),
  },
  {
    name: "an iteration that is broken off leaves the store usable",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(MANY.map((key) => ({ key, value: "v" })));
        for (const entry of store.scan({ start: "" })) {
          if (entry.key === MANY[500]) break;
        }
        store.write([{ key: "z", value: "last" }]);
        store.flush();
        assertStrictEquals(store.get("z"), "last");
      }),
  },
  {
    name: "writes during an open iteration neither crash nor disorder it",
    run: (subject) =>
      onStore(subject, (store) => {
        for (const reverse of [false, true]) {
          store.write(MANY.map((key) => ({ key, value: "v" })));
          let last = reverse ? "\xff" : "";
          let count = 0;
          for (const { key } of store.scan({ start: "", reverse })) {
            assert(reverse ? key < last : key > last, `${key} after ${last}`);
            last = key;
            count++;
            // Removes entries already read, and adds some before and after the position.
            store.write([
              { key },
              { key: `a${count}`, value: "before" },
              { key: `${key}x`, value: "beside" },
            ]);
            store.write([{ key: `${key}x` }]);
            if (count % 1000 === 0) store.flush();
          }
          assert(count >= MANY.length, `${count} entries`);
          assertStrictEquals(store.get(MANY[0]!), undefined);
        }
      }),
  },
  {
    name: "two iterations at once do not disturb each other",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(MANY.map((key) => ({ key, value: "v" })));
        const up = store.scan({ start: "" });
        const down = store.scan({ start: "", reverse: true });
        for (let i = 0; i < MANY.length; i++) {
          assertStrictEquals(up.next().value?.key, MANY[i]);
          assertStrictEquals(down.next().value?.key, MANY.at(-1 - i));
        }
        assertStrictEquals(up.next().done, true);
        assertStrictEquals(down.next().done, true);
      }),
  },
];

const refusalCases: ContractCase<StoreSubject>[] = [
  {
    name: "a write with one wrong key or value changes nothing",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write(set("a", "b"));
        const before = scanned(store, { start: "" });
        const wrong: [StoreOp, string][] = [
          [{ key: "Ā", value: "1" }, "STORE_INVALID_KEY"],
          [{ key: "x\u{1f600}" }, "STORE_INVALID_KEY"],
          [{ key: 1 as unknown as string, value: "1" }, "STORE_INVALID_KEY"],
          [
            { key: "c", value: 1 as unknown as string },
            "STORE_INVALID_VALUE",
          ],
          [
            { key: "c", value: null as unknown as string },
            "STORE_INVALID_VALUE",
          ],
        ];
        for (const [op, code] of wrong) {
          assertStoreError(
            () => store.write([{ key: "a" }, { key: "n", value: "1" }, op]),
            code,
          );
          assertEquals(scanned(store, { start: "" }), before);
        }
        store.write([{ key: "n", value: "1" }]);
        assertStrictEquals(store.get("n"), "1");
      }),
  },
  {
    name: "a key that cannot be written is not found",
    run: (subject) =>
      onStore(subject, (store) => {
        store.write([{ key: "\x00", value: "nul" }, { key: "A", value: "a" }]);
        assertStrictEquals(store.get("Ā"), undefined);
        assertStrictEquals(store.get("\u0141"), undefined);
      }),
  },
  {
    name: "a scan between bounds that cannot be keys is refused",
    run: (subject) =>
      onStore(subject, (store) => {
        assertStoreError(
          () => store.scan({ start: "Ā" }).next(),
          "STORE_INVALID_KEY",
        );
        assertStoreError(
          () => store.scan({ start: "", end: "\u{1f600}" }).next(),
          "STORE_INVALID_KEY",
        );
      }),
  },
  {
    name: "a closed store answers STORE_CLOSED, and closing twice is allowed",
    run(subject) {
      const store = subject.open();
      store.write(set("a"));
      store.close();
      store.close();
      assertStoreError(() => store.get("a"), "STORE_CLOSED");
      assertStoreError(() => store.scan({ start: "" }), "STORE_CLOSED");
      assertStoreError(() => store.write(set("b")), "STORE_CLOSED");
      assertStoreError(() => store.write([]), "STORE_CLOSED");
      assertStoreError(() => store.flush(), "STORE_CLOSED");
    },
  },
  {
    name: "an iteration open at close ends in STORE_CLOSED",
    run(subject) {
      for (const reverse of [false, true]) {
        const store = subject.open();
        store.write(MANY.map((key) => ({ key, value: "v" })));
        const iteration = store.scan({ start: "", reverse });
        iteration.next();
        store.close();
        assertStoreError(() => iteration.next(), "STORE_CLOSED");
      }
    },
  },
  {
    name: "two stores know nothing of each other",
    run: (subject) =>
      onStore(subject, (one) =>
        onStore(subject, (other) => {
          one.write(set("a"));
          other.write(set("b"));
          assertEquals(scanned(one, { start: "" }), ["a=A"]);
          assertEquals(scanned(other, { start: "" }), ["b=B"]);
        })),
  },
];

/** What every store must do. */
export const storeContract: ContractCase<StoreSubject>[] = [
  ...basicCases,
  ...scanCases,
  ...refusalCases,
  ...storeRandomCases,
];
