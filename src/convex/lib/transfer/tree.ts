/**
 * Reads rows and what is below them in bounded steps, each of which continues where the one before stopped.
 *
 * @module
 */
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { isIn } from "../erasure/erasure.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, Room, walk } from "../walk.ts";

/** Rows that are passed over in one step, and bytes of them. */
const MAX_PASSED = 8000;
const MAX_PASSED_BYTES = 6 * 1024 * 1024;

/** A list of rows, each with lists below it. */
export interface Branch {
  /** Where the rows lie. */
  range: IndexRange<TableName>;
  /** Rows that are passed over, with what lies below them. */
  matches?: (row: never) => boolean;
  /** Lists below a row. */
  below: (row: never) => Branch[];
}

/** For each level, which of its lists is being read, after which row, and the `_id` of that row while it is read below it. */
export type Place = { at: number; after?: string; row?: string }[];

/** Whether a value, which a cursor has, can be a place. */
export function isPlace(value: unknown): value is Place {
  const isText = (one: unknown) => one === undefined || typeof one === "string";
  return Array.isArray(value) && value.every((level) => {
    const { at, after, row } = Object(level) as Record<string, unknown>;
    return Number.isSafeInteger(at) && at as number >= 0 && isText(after) &&
      isText(row);
  });
}

/** What becomes of a row: it is taken and read on below; it is skipped with what is below; nothing more is read. */
export type Verdict = "take" | "skip" | "stop";

/** Called for each row when it is first reached. */
export type Visit<B extends Branch> = (
  row: Doc<TableName>,
  branch: B,
  depth: number,
) => Verdict;

/**
 * Reads lists one after the other, each row before what lies below it.
 *
 * @param place Where the step before stopped.
 * @param room How much the step may read; each list below a row is an index range besides, and 8,000 rows or 6 MiB of
 * them may be passed over.
 * @param passes Called for rows that the step before has told of already and whose lower rows are read on.
 * @returns Where to go on; undefined when all was read.
 */
export async function readTree<B extends Branch>(
  ctx: QueryCtx,
  branches: B[],
  place: Place,
  room: Room,
  visit: Visit<B>,
  passes?: (row: Doc<TableName>, branch: B) => void,
): Promise<Place | undefined> {
  let hasStopped = false;
  const passed = new Room(MAX_PASSED, MAX_PASSED_BYTES);
  return await read(branches, place, 0);

  async function read(
    branches: B[],
    [resume, ...deeper]: Place,
    depth: number,
  ): Promise<Place | undefined> {
    for (let at = resume?.at ?? 0; at < branches.length; at++) {
      const branch = branches[at] as B;
      const isResumed = at === resume?.at;
      let after = isResumed ? resume.after : undefined;
      const open = isResumed && await opened(ctx, branch, resume);
      if (open) {
        passes?.(open, branch);
        const lower = branch.below(open as never) as B[];
        const rest = await read(lower, deeper, depth + 1);
        if (rest !== undefined) return [resume, ...rest];
        if (hasStopped) return undefined;
      }
      for await (const { row, cursor } of walk(ctx, [branch.range], after)) {
        if (branch.matches?.(row as never) === false) {
          after = cursor;
          passed.take(sizeOf(row));
          if (passed.isFull) return [{ at, after }];
          continue;
        }
        if (room.isFull) return [{ at, ...(after !== undefined && { after }) }];
        const verdict = visit(row, branch, depth);
        hasStopped ||= verdict === "stop";
        if (hasStopped) return undefined;
        room.take(sizeOf(row));
        after = cursor;
        if (verdict === "skip") continue;
        const lower = branch.below(row as never) as B[];
        const rest = await read(lower, [], depth + 1);
        if (rest !== undefined) return [{ at, after, row: row._id }, ...rest];
        if (hasStopped) return undefined;
      }
    }
    return undefined;
  }
}

/** The row below which reading continues, wherever it is by now; null when it is gone, or no longer in the list. */
async function opened(
  ctx: QueryCtx,
  { range }: Branch,
  { row }: Place[number],
): Promise<Doc<TableName> | null> {
  const id = row === undefined ? null : ctx.db.normalizeId(range.table, row);
  const found = id && await ctx.db.get(id);
  return found && isIn(range, found) ? found : null;
}
