import { Data, GROUP_SIZE, LABELS } from "./data.ts";
import type { Subject } from "./subjects.ts";

/** What is measured, by name: each call is another one of its kind. */
export type Calls = { [name: string]: () => Promise<unknown> };

/** Documents that one call of a bulk insert, or of loading, writes. */
const BATCH = 500;
const VECTOR_BATCH = 100;

/** Fills the table of items. Gives their ids. */
export async function loadItems(
  subject: Subject,
  total: number,
): Promise<string[]> {
  const data = new Data();
  const ids: string[] = [];
  for (let at = 0; at < total; at += BATCH) {
    const items = Array.from(
      { length: Math.min(BATCH, total - at) },
      (_, offset) => data.item(at + offset, total),
    );
    ids.push(
      ...await subject.mutation("bench:insertItems", { items }) as string[],
    );
  }
  return ids;
}

/**
 * Reads every item once by each index, first in the order of their insertion: from then on what is measured is an engine
 * that has been running for a while, and not how its memory fills.
 */
export async function readAll(subject: Subject): Promise<void> {
  for (const index of ["by_creation_time", "by_key", "by_group_rank"]) {
    let cursor: string | null = null;
    let isDone = false;
    while (!isDone) {
      const paginationOpts = { numItems: BATCH, cursor };
      const page = await subject.query("bench:scan", {
        index,
        paginationOpts,
      }) as { isDone: boolean; continueCursor: string };
      ({ isDone, continueCursor: cursor } = page);
    }
  }
}

/** What the names of calls end in that read the same few of all items. */
export const SAME_FEW = " of the same 1000";
const FEW = 1000;

/** Calls that read items; the table is full. */
export function readCalls(
  subject: Subject,
  total: number,
  ids: readonly string[],
): Calls {
  const data = new Data();
  const key = () => `key-${data.below(total)}`;
  return {
    "nothing": () => subject.query("bench:nothing", {}),
    ...singleReads(subject, total, ids, total, ""),
    // In a great set they take the same steps as the others; what those take longer, they wait for the memory.
    ...singleReads(subject, total, ids, Math.min(FEW, total), SAME_FEW),
    "mutation, 20 reads": () =>
      subject.mutation("bench:readTwenty", {
        keys: Array.from({ length: 20 }, key),
      }),
    "text search": () => subject.query("bench:search", { text: data.words(3) }),
  };
}

/** Calls that read from `few` items that lie all over the table. */
function singleReads(
  subject: Subject,
  total: number,
  ids: readonly string[],
  few: number,
  suffix: string,
): Calls {
  const data = new Data();
  const item = () => data.below(few) * Math.floor(total / few);
  const groups = Math.ceil(total / GROUP_SIZE);
  const fewGroups = Math.ceil(few / GROUP_SIZE);
  const place = () => ({
    group: `group-${data.below(fewGroups) * Math.floor(groups / fewGroups)}`,
    from: 0,
  });
  return {
    [`get${suffix}`]: () => subject.query("bench:get", { id: ids[item()] }),
    [`unique${suffix}`]: () =>
      subject.query("bench:unique", { key: `key-${item()}` }),
    [`take(10)${suffix}`]: () => subject.query("bench:take", place()),
    [`page of 20${suffix}`]: () =>
      subject.query("bench:page", {
        ...place(),
        paginationOpts: { numItems: 20, cursor: null },
      }),
  };
}

/** A call that inserts many documents with two indexes. */
export function bulkCalls(subject: Subject, total: number): Calls {
  const data = new Data();
  let at = 0;
  const items = Array.from(
    { length: 20 * BATCH },
    () => data.item(at++, total),
  );
  let next = 0;
  return {
    "bulk insert of 500": () => {
      const from = next++ % 20 * BATCH;
      return subject.mutation("bench:insertPlain", {
        items: items.slice(from, from + BATCH),
      });
    },
  };
}

/** Fills the table of vectors. */
export async function loadVectors(
  subject: Subject,
  total: number,
): Promise<void> {
  const data = new Data();
  for (let at = 0; at < total; at += VECTOR_BATCH) {
    await subject.mutation("bench:insertVectors", {
      vectors: Array.from({ length: VECTOR_BATCH }, (_, offset) => ({
        label: `label-${(at + offset) % LABELS}`,
        embedding: data.vector(),
      })),
    });
  }
}

/** Calls that search vectors, which are made beforehand. */
export function vectorCalls(subject: Subject): Calls {
  const data = new Data();
  const vectors = Array.from({ length: 50 }, () => data.vector());
  let next = 0;
  return {
    "vector search": () =>
      subject.action("bench:near", { vector: vectors[next++ % 50]! }),
    "vector search, a tenth": () =>
      subject.action("bench:near", {
        vector: vectors[next++ % 50]!,
        label: `label-${next % LABELS}`,
      }),
  };
}
