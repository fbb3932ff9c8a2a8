/** Lists, counts and exports of memories. */
import { checkInteger } from "../bounds.ts";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { readCursor } from "../paging/cursor.ts";
import { findMemoryEmbedding } from "../embeddings.ts";
import {
  csvPart,
  exportFormat,
  exportResult,
  jsonPart,
  type PartPlace,
} from "../export/exportText.ts";
import { memorySourceType, stepFields } from "../fields.ts";
import { defineQuery } from "../functions.ts";
import {
  factsFromMemory,
  factsOfMemory,
  rangesOfFacts,
} from "./memoryFacts.ts";
import {
  bytesOf,
  countMemories,
  isListed,
  memoryRange,
  rangesOfUser,
} from "./memoryRanges.ts";
import { readEntries } from "./memoryStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import {
  type FactRecord,
  factRecord,
  memoryEntry,
  toFactRecord,
} from "../shapes.ts";
import { inStep, StepBudget, type StepEnd } from "../paging/walk.ts";

/** Most memories, and bytes of them, that one call returns; fewer with their facts. */
const MAX_ROWS = 500;
const MAX_ROWS_WITH_FACTS = 100;
const MAX_BYTES = 3 * 1024 * 1024;
/** Most index ranges in which the facts of a page are looked for; a query reads 4,096. */
const MAX_FACT_RANGES = 3000;
/** Most bytes of one memory's facts in a list, and of all facts and versions of a page. */
const MAX_FACT_BYTES = 2 * 1024 * 1024;
const MAX_AROUND_BYTES = 5 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

const filterArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  userId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  sourceType: v.optional(memorySourceType),
};

/** `memories:count` */
export const countQuery = defineQuery({
  args: filterArgs,
  returns: v.number(),
  handler: async (ctx, args, scope) => await countMemories(ctx, scope, args),
});

const listArgs = { ...filterArgs, limit: v.optional(v.number()) };

type ListArgs = ObjectType<typeof listArgs>;

/** `memories:list`: newest first, 500 rows and 3 MiB at most; `listPage` has all. */
export const listQuery = defineQuery({
  args: listArgs,
  returns: v.array(memoryEntry),
  handler: async (ctx, args, scope) => {
    const { rows } = await page(ctx, scope, args, limitOf(args), undefined);
    return await readEntries(ctx, rows);
  },
});

const pageArgs = {
  ...listArgs,
  includeFacts: v.optional(v.boolean()),
  cursor: v.optional(v.string()),
};

const listPage = v.object({
  entries: v.array(
    v.object({ memory: memoryEntry, facts: v.optional(v.array(factRecord)) }),
  ),
  ...stepFields,
});

/**
 * `memories:listPage`: to be called with the previous call's cursor until `done`. The cursor also counts towards the
 * limit.
 */
export const listPageQuery = defineQuery({
  args: pageArgs,
  returns: listPage,
  handler: async (ctx, args, scope) => {
    const [wanted, start] = parse(args.cursor, limitOf(args));
    const withFacts = args.includeFacts === true;
    const most = withFacts ? MAX_ROWS_WITH_FACTS : MAX_ROWS;
    const facts: Doc<"facts">[][] = [];
    // A page's versions share what its facts leave.
    const around = new StepBudget(Infinity, MAX_AROUND_BYTES);
    let ranges = 0;
    const { rows, end } = await page(
      ctx,
      scope,
      args,
      Math.min(wanted, most),
      start,
      async (row, budget) => {
        if (!withFacts) return;
        const most = new StepBudget(Infinity, MAX_FACT_BYTES, around);
        const found = await factsOfMemory(ctx, scope, row, most);
        ranges += rangesOfFacts(row);
        const isLast = ranges > MAX_FACT_RANGES;
        budget.take(
          found.reduce((sum, { bytes }) => sum + bytes, 0),
          isLast ? Infinity : 0,
        );
        facts.push(found);
      },
    );
    const left = wanted - rows.length;
    const memories = await readEntries(ctx, rows, true, around);
    const entries = memories.map((memory, at) => {
      const own = facts[at] ?? [];
      return {
        memory,
        ...(own.length > 0 && { facts: own.map(toFactRecord) }),
      };
    });
    const done = end.done || left === 0;
    return {
      entries,
      done,
      ...(!done && { cursor: JSON.stringify([left, end.cursor ?? null]) }),
    };
  },
});

async function page(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
  wanted: number,
  cursor: string | undefined,
  along?: (row: Doc<"memories">, budget: StepBudget) => Promise<void>,
): Promise<{ rows: Doc<"memories">[]; end: StepEnd }> {
  const rows: Doc<"memories">[] = [];
  const budget = new StepBudget(Math.min(wanted, MAX_ROWS), MAX_BYTES);
  const range = {
    ...memoryRange(scope, args, "desc"),
    selects: (row: Doc<"memories">) => isListed(row, args),
  };
  const end = await inStep(ctx, [range], cursor, budget, async (row) => {
    budget.take(bytesOf(row));
    rows.push(row);
    await along?.(row, budget);
  });
  return { rows, end };
}

function limitOf({ limit = DEFAULT_LIMIT }: ListArgs): number {
  checkInteger("limit", limit, 1);
  return limit;
}

/** Parses a cursor: a number of memories, those left of a list or those already exported, and where to continue. */
function parse(
  cursor: string | undefined,
  start: number,
): [number, string | undefined] {
  if (cursor === undefined) return [start, undefined];
  const [count, place] = readCursor<[number, string | null]>(
    cursor,
    ([count]) => Number.isInteger(count) && count >= 0,
  );
  return [count, place ?? undefined];
}

const exportArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  /** Memories about this user, or that it said. */
  userId: v.optional(v.string()),
  format: exportFormat,
  includeEmbeddings: v.optional(v.boolean()),
  includeFacts: v.optional(v.boolean()),
  cursor: v.optional(v.string()),
};

type ExportArgs = ObjectType<typeof exportArgs>;

/**
 * `memories:exportMemories`. While `done` is false, `data` is to be continued: call again with the cursor and append.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export const exportMemoriesQuery = defineQuery({
  args: exportArgs,
  returns: exportResult,
  handler: async (ctx, args, scope) => {
    const [exported, start] = parse(args.cursor, 0);
    const rows: Exported[] = [];
    const budget = new StepBudget(
      args.includeFacts === true ? MAX_ROWS_WITH_FACTS : MAX_ROWS,
      MAX_BYTES,
    );
    const ranges = rangesOfUser(scope, args);
    const end = await inStep(ctx, ranges, start, budget, async (row) => {
      if (row.isPartial === true) return;
      const facts = args.includeFacts === true
        ? await factsFromMemory(ctx, scope, row)
        : [];
      budget.take(
        args.includeEmbeddings === true ? bytesOf(row) : row.bytes,
      );
      budget.take(facts.reduce((sum, { bytes }) => sum + bytes, 0), 0);
      rows.push({ row, facts: facts.map(shownFact) });
    });
    const place: PartPlace = {
      isFirst: args.cursor === undefined,
      hasRecords: exported > 0,
      isLast: end.done,
    };
    return {
      format: args.format,
      data: args.format === "json"
        ? jsonPart(await recordsOf(ctx, args, rows), place)
        : csvPart(headerOf(args), linesOf(args, rows), place),
      count: rows.length,
      exportedAt: scope.now,
      done: end.done,
      ...(!end.done && {
        cursor: JSON.stringify([exported + rows.length, end.cursor ?? null]),
      }),
    };
  },
});

/** A memory and, if asked for, the facts that name it. */
interface Exported {
  readonly row: Doc<"memories">;
  readonly facts: readonly ExportedFact[];
}

async function recordsOf(
  ctx: QueryCtx,
  args: ExportArgs,
  rows: readonly Exported[],
): Promise<object[]> {
  const records: object[] = [];
  for (const { row, facts } of rows) {
    const embedding = args.includeEmbeddings === true
      ? await findMemoryEmbedding(ctx, row)
      : null;
    const { memoryId, content, sourceType, importance, tags, createdAt } = row;
    records.push({
      memoryId,
      content,
      sourceType,
      importance,
      tags,
      createdAt,
      ...(embedding !== null && { embedding: embedding.embedding }),
      ...(args.includeFacts === true && { facts }),
    });
  }
  return records;
}

function headerOf(args: ExportArgs): string[] {
  return [
    "memoryId",
    "content",
    "sourceType",
    "importance",
    "tags",
    "createdAt",
    ...args.includeFacts === true ? ["facts"] : [],
  ];
}

function linesOf(
  args: ExportArgs,
  rows: readonly Exported[],
): (string | number)[][] {
  return rows.map(({ row, facts }) => [
    row.memoryId,
    row.content,
    row.sourceType,
    row.importance,
    row.tags.join(";"),
    new Date(row.createdAt).toISOString(),
    ...args.includeFacts === true ? [JSON.stringify(facts)] : [],
  ]);
}

type ExportedFact = Pick<
  FactRecord,
  "factId" | "fact" | "factType" | "confidence" | "tags"
>;

function shownFact(
  { factId, fact, factType, confidence, tags }: Doc<"facts">,
): ExportedFact {
  return { factId, fact, factType, confidence, tags };
}
