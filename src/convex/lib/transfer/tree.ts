/**
 * Reading rows and what lies below them in bounded steps, each of which goes on where the one before stopped.
 *
 * @module
 */
import type { Doc, QueryCtx, TableName } from "../model.ts";
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

/** For each level, which of its lists is being read, after which row, and the row below which reading goes on. */
export type Place = { at: number; after?: string; row?: string }[];

/** What becomes of a row: it is told and read on below; it is passed over with what lies below; nothing more is read. */
export type Verdict = "take" | "skip" | "stop";

/** Tells of a row when it is first come to. */
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
      let after = at === resume?.at ? resume.after : undefined;
      let below = at === resume?.at ? deeper : [];
      for await (const { row, cursor } of walk(ctx, [branch.range], after)) {
        if (branch.matches?.(row as never) === false) {
          below = [];
          after = cursor;
          passed.take(sizeOf(row));
          if (passed.isFull) return [{ at, after }];
          continue;
        }
        const here = { at, ...(after !== undefined && { after }) };
        // Where the row below which reading was to go on is gone, its place is another's, of which nothing is told yet.
        if (below.length > 0 && (resume?.row ?? row._id) !== row._id) {
          below = [];
        }
        const isNew = below.length === 0;
        if (isNew && room.isFull) return [here];
        const verdict = isNew ? visit(row, branch, depth) : "take";
        hasStopped ||= verdict === "stop";
        if (hasStopped) return undefined;
        if (isNew) room.take(sizeOf(row));
        else passes?.(row, branch);
        if (verdict === "take") {
          const lower = branch.below(row as never) as B[];
          const rest = await read(lower, below, depth + 1);
          if (rest !== undefined) return [{ ...here, row: row._id }, ...rest];
          if (hasStopped) return undefined;
        }
        below = [];
        after = cursor;
      }
    }
    return undefined;
  }
}
