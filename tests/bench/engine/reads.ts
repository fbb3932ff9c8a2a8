import { Data, GROUP_SIZE, LABELS } from "./data.ts";
import type { Subject } from "./subjects.ts";

/** What is measured, by name: each call is another one of its kind. */
export type Calls = { [name: string]: () => Promise<unknown> };

/** Documents that one call of a bulk insert, or of loading, writes. */
export const BATCH = 500;
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
 * Reads every item once, in the order of their insertion: from then on what is measured is an engine that has been
 * running for a while, and not how its memory fills.
 */
export async function readAll(subject: Subject): Promise<void> {
  let cursor: string | null = null;
  while (true) {
    const paginationOpts = { numItems: BATCH, cursor };
    const { isDone, continueCursor } = await subject.query("bench:scan", {
      paginationOpts,
    }) as { isDone: boolean; continueCursor: string };
    if (isDone) return;
    cursor = continueCursor;
  }
}

/** Calls that read items; the table is full. */
export function readCalls(
  subject: Subject,
  total: number,
  ids: readonly string[],
): Calls {
  const data = new Data();
  const key = () => `key-${data.below(total)}`;
  const place = () => ({
    group: `group-${data.below(Math.ceil(total / GROUP_SIZE))}`,
    from: 0,
  });
  return {
    "nothing": () => subject.query("bench:nothing", {}),
    "get": () => subject.query("bench:get", { id: ids[data.below(total)] }),
    "unique": () => subject.query("bench:unique", { key: key() }),
    "take(10)": () => subject.query("bench:take", place()),
    "page of 20": () =>
      subject.query("bench:page", {
        ...place(),
        paginationOpts: { numItems: 20, cursor: null },
      }),
    "mutation, 20 reads": () =>
      subject.mutation("bench:readTwenty", {
        keys: Array.from({ length: 20 }, key),
      }),
    "text search": () => subject.query("bench:search", { text: data.words(3) }),
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
