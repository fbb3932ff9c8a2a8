import { Data, GROUP_SIZE, LABELS } from "./data.ts";
import { medianMs, rate } from "./measure.ts";
import type { Subject } from "./subjects.ts";

/** Figures of one engine at one size, by name: median ms of a call, or what its unit says. */
export type Figures = { [name: string]: number };

const BATCH = 500;

/** Fills the table of items. Gives some of their ids. */
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

/** Measures what reads documents; the table of items is full. */
export async function measureReads(
  subject: Subject,
  total: number,
  ids: readonly string[],
): Promise<Figures> {
  const data = new Data();
  const key = () => `key-${data.below(total)}`;
  const place = () => ({
    group: `group-${data.below(Math.ceil(total / GROUP_SIZE))}`,
    from: 0,
  });
  return {
    "get": await medianMs(() =>
      subject.query("bench:get", { id: ids[data.below(ids.length)] })
    ),
    "unique": await medianMs(() =>
      subject.query("bench:unique", { key: key() })
    ),
    "take(10)": await medianMs(() => subject.query("bench:take", place())),
    "page of 20": await medianMs(() =>
      subject.query("bench:page", {
        ...place(),
        paginationOpts: { numItems: 20, cursor: null },
      })
    ),
    "mutation, 20 reads": await medianMs(() =>
      subject.mutation("bench:readTwenty", {
        keys: Array.from({ length: 20 }, key),
      })
    ),
    "text search": await medianMs(() =>
      subject.query("bench:search", { text: data.words(3) })
    ),
  };
}

/** Measures inserts of many documents with two indexes, a second. */
export async function measureBulk(
  subject: Subject,
  total: number,
): Promise<Figures> {
  const data = new Data();
  const batches = Array.from(
    { length: Math.min(20, Math.ceil(total / BATCH)) },
    (_, batch) =>
      Array.from(
        { length: BATCH },
        (_, at) => data.item(batch * BATCH + at, total),
      ),
  );
  return {
    "bulk insert, docs/s": await rate(
      batches.length,
      BATCH,
      (batch) =>
        subject.mutation("bench:insertPlain", { items: batches[batch] }),
    ),
  };
}

/** Fills the table of vectors and measures its search. */
export async function measureVectors(
  subject: Subject,
  total: number,
): Promise<Figures> {
  const data = new Data();
  const size = 100;
  for (let at = 0; at < total; at += size) {
    await subject.mutation("bench:insertVectors", {
      vectors: Array.from({ length: size }, (_, offset) => ({
        label: `label-${(at + offset) % LABELS}`,
        embedding: data.vector(),
      })),
    });
  }
  return {
    "vector search": await medianMs(() =>
      subject.action("bench:near", { vector: data.vector() })
    ),
    "vector search, a tenth": await medianMs((at) =>
      subject.action("bench:near", {
        vector: data.vector(),
        label: `label-${at % LABELS}`,
      })
    ),
  };
}
