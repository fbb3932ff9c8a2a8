import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { StoreOp, SyncStore } from "../../store/types.ts";
import { type Random, withSeed } from "../support/random.ts";
import type { StoreSubject } from "./support.ts";
import type { ContractCase } from "../types.ts";

/** A reference store: a sorted array, copied for every write. */
class NaiveStore {
  entries: { key: string; value: string }[] = [];

  write(ops: readonly StoreOp[]): void {
    for (const { key, value } of ops) {
      this.entries = this.entries.filter((entry) => entry.key !== key);
      if (value !== undefined) this.entries.push({ key, value });
    }
    this.entries.sort((a, b) => a.key < b.key ? -1 : 1);
  }

  scan(
    start: string,
    end: string | undefined,
    reverse: boolean,
    limit?: number,
  ): { key: string; value: string }[] {
    const found = this.entries.filter(({ key }) =>
      key >= start && (end === undefined || key < end)
    );
    if (reverse) found.reverse();
    return found.slice(0, limit);
  }
}

function randomKey(random: Random): string {
  let key = "";
  for (let left = random.below(4); left > 0; left--) {
    key += random.pick(["\0", "\x01", "a", "b", "c", "é", "ÿ"]);
  }
  return key;
}

function randomOps(random: Random): StoreOp[] {
  return Array.from({ length: random.below(6) }, () => {
    const key = randomKey(random);
    return random.below(3) === 0
      ? { key }
      : { key, value: `v${random.below(1000)}${random.pick(["", "\0", "é"])}` };
  });
}

/** Does one random step on the store and on the model, and compares reads. */
function step(random: Random, store: SyncStore, model: NaiveStore): void {
  switch (random.below(5)) {
    case 0:
    case 1: {
      const ops = randomOps(random);
      store.write(ops);
      model.write(ops);
      return;
    }
    case 2: {
      const key = randomKey(random);
      const expected = model.entries.find((entry) => entry.key === key);
      assertStrictEquals(store.get(key), expected?.value);
      return;
    }
    case 3: {
      const start = randomKey(random);
      const end = random.below(3) === 0 ? undefined : randomKey(random);
      const reverse = random.below(2) === 0;
      const limit = random.pick([undefined, 1, 2, 100]);
      const range = { start, end, reverse, limit };
      assertEquals(
        [...store.scan(range)],
        model.scan(start, end, reverse, limit),
        JSON.stringify(range),
      );
      return;
    }
    default:
      store.flush();
  }
}

/**
 * Compares a store with the naive one over random steps; also closes and reopens it, if the subject can.
 *
 * @param steps how many steps
 * @param seed replays the run
 */
export function compareWithNaive(
  subject: StoreSubject,
  steps: number,
  seed: number,
): void {
  withSeed(seed, (random) => {
    const model = new NaiveStore();
    let store = subject.open();
    try {
      for (let i = 0; i < steps; i++) {
        step(random, store, model);
        if (subject.reopen !== undefined && random.below(100) === 0) {
          store.close();
          store = subject.reopen();
        }
      }
      assertEquals([...store.scan({ start: "" })], model.entries);
    } finally {
      store.close();
    }
  });
}

/**
 * Compares a store's `visit` with the naive one, over adjacent keys of two tables, including phases in which they
 * become many.
 *
 * @param steps how many steps
 * @param seed replays the run
 */
export function compareVisits(
  store: SyncStore,
  steps: number,
  seed: number,
): void {
  withSeed(seed, (random) => {
    const model = new NaiveStore();
    const digits = (below: number) => String(random.below(below));
    const newKey = () =>
      random.pick(["i0001", "i000\xff"]) + digits(3) + digits(20) + digits(9);
    for (let at = 0; at < steps; at++) {
      const grows = at % 200 < 100;
      const ops = Array.from({ length: random.below(6) }, () => {
        const key = newKey();
        return random.below(3) === 0 === grows ? { key } : { key, value: "" };
      });
      store.write(ops);
      model.write(ops);
      const start = newKey().slice(0, random.pick([5, 6, 7, 8]));
      const end = start.slice(0, 5) +
        random.pick([newKey().slice(5), start.slice(5) + "~"]);
      const reverse = random.below(2) === 0;
      const limit = random.pick([undefined, 1, 2, 10, 100]);
      const range = { start, end, reverse, limit };
      const enough = random.pick([1, 20, Infinity]);
      const found: string[] = [];
      const isDone = store.visit?.(range, (keys, notes, from, to) => {
        assert(reverse ? from > to : from < to);
        for (let place = from; place !== to; place += reverse ? -1 : 1) {
          const key = keys[place]!;
          // A note may be lost, but must never end up beside another key.
          assertEquals(notes[place] ?? key, key);
          notes[place] = key;
          found.push(key);
        }
        return found.length < enough;
      });
      if (!isDone) continue;
      const expected = model.scan(start, end, reverse, limit)
        .map(({ key }) => key);
      const what = `step ${at}: ${JSON.stringify({ ...range, enough })}`;
      assert(found.length >= Math.min(enough, expected.length), what);
      assertEquals(found, expected.slice(0, found.length), what);
    }
  });
}

/** Randomised cases of the store contract. */
export const storeRandomCases: ContractCase<StoreSubject>[] = [
  {
    name: "random steps agree with a naive sorted array",
    run: (subject) => compareWithNaive(subject, 600, 0x5eed10),
  },
  {
    name: "visits agree with a naive sorted array",
    run(subject) {
      const store = subject.open();
      try {
        compareVisits(store, 600, 0x5eed12);
      } finally {
        store.close();
      }
    },
  },
  {
    name: "keys in random order come out sorted, thousands of them, with gaps",
    run(subject) {
      withSeed(0x5eed11, (random) => {
        const store = subject.open();
        try {
          const keys = new Set<string>();
          while (keys.size < 5000) keys.add(`k${random.below(1 << 30)}`);
          const ops = [...keys].map((key) => ({ key, value: "v" }));
          for (let at = 0; at < ops.length; at += 50) {
            store.write(ops.slice(at, at + 50));
          }
          const dropped = [...keys].filter(() => random.below(10) > 0);
          store.write(dropped.map((key) => ({ key })));
          for (const key of dropped) keys.delete(key);
          assertEquals(
            [...store.scan({ start: "" })].map(({ key }) => key),
            [...keys].sort(),
          );
        } finally {
          store.close();
        }
      });
    },
  },
];
