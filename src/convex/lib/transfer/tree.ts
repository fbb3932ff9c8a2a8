/**
 * Reads a tree of rows in bounded steps, each of which continues where the one before stopped.
 *
 * @module
 */
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { isIn } from "../erasure/erasure.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** Most rows skipped in one step, and most bytes of them. */
const MAX_PASSED = 8000;
const MAX_PASSED_BYTES = 6 * 1024 * 1024;

/** A row of a list, and the cursor after it. */
export interface Listed {
  row: Doc<TableName>;
  cursor: string;
}

/** A list of rows, each with lists below it. */
export interface Branch {
  /** The rows of the list. */
  range: IndexRange<TableName>;
  /** Returns false for rows to skip, along with what is below them; takes from the budget what it reads. */
  matches?: (row: never, budget: StepBudget) => boolean | Promise<boolean>;
  /** Reads the rows instead of the range, from the start or after a cursor; takes from the budget what it skips. */
  rows?: (
    after: string | undefined,
    budget: StepBudget,
  ) => AsyncIterable<Listed>;
  /** Lists below a row, which has this cursor. */
  below: (row: never, cursor: string) => Branch[];
}

/**
 * For each level: the list being read, the row after which to continue, and the `_id` of that row while rows below it
 * are read.
 */
export type Place = { at: number; after?: string; row?: string }[];

/** Whether a value from a cursor is a valid place. */
export function isPlace(value: unknown): value is Place {
  const isText = (one: unknown) => one === undefined || typeof one === "string";
  return Array.isArray(value) && value.every((level) => {
    const { at, after, row } = Object(level) as Record<string, unknown>;
    return Number.isSafeInteger(at) && at as number >= 0 && isText(after) &&
      isText(row);
  });
}

/** What to do with a row: take it and read below it, skip it with what is below, or stop reading. */
export type Verdict = "take" | "skip" | "stop";

/** How a step of a tree is read. */
export interface TreeStep<B extends Branch> {
  /** How much it may read; in addition, each list below a row costs an index range. */
  readonly budget: StepBudget;
  /** Called for each row when it is first reached; `depth` is 0 for rows of the lists that were given. */
  visit(row: Doc<TableName>, branch: B, depth: number): Verdict;
  /** Called for rows that an earlier step has already visited, before reading continues below them. */
  passes?(row: Doc<TableName>, branch: B): void;
}

/**
 * Reads lists one after the other, each row before what lies below it. Skips up to 8,000 rows or 6 MiB.
 *
 * @param place Where the previous step stopped.
 * @returns Where to continue; undefined when all was read.
 */
export async function readTree<B extends Branch>(
  ctx: QueryCtx,
  branches: B[],
  place: Place,
  step: TreeStep<B>,
): Promise<Place | undefined> {
  return await new TreeReader(ctx, step).read(branches, place, 0);
}

class TreeReader<B extends Branch> {
  readonly #ctx: QueryCtx;
  readonly #step: TreeStep<B>;
  readonly #passed = new StepBudget(MAX_PASSED, MAX_PASSED_BYTES);
  #hasStopped = false;

  constructor(ctx: QueryCtx, step: TreeStep<B>) {
    this.#ctx = ctx;
    this.#step = step;
  }

  async read(
    branches: B[],
    [resume, ...deeper]: Place,
    depth: number,
  ): Promise<Place | undefined> {
    for (let at = resume?.at ?? 0; at < branches.length; at++) {
      const branch = branches[at] as B;
      const resumed = at === resume?.at ? resume : undefined;
      const open = resumed && await opened(this.#ctx, branch, resumed);
      if (open) {
        this.#step.passes?.(open, branch);
        const listed = { row: open, cursor: resumed.after ?? "" };
        const rest = await this.#readBelow(branch, listed, deeper, depth);
        if (rest !== undefined) return [resumed, ...rest];
        if (this.#hasStopped) return undefined;
      }
      const end = await this.#readList(branch, at, resumed?.after, depth);
      if (end !== undefined || this.#hasStopped) return end;
    }
    return undefined;
  }

  /** Reads the rows of a list after a cursor, and what lies below them. */
  async #readList(
    branch: B,
    at: number,
    start: string | undefined,
    depth: number,
  ): Promise<Place | undefined> {
    const { budget } = this.#step;
    const rows: AsyncIterable<Listed> = branch.rows?.(start, budget) ??
      walk(this.#ctx, [branch.range], start);
    let after = start;
    for await (const listed of rows) {
      const { row, cursor } = listed;
      if (await branch.matches?.(row as never, budget) === false) {
        after = cursor;
        this.#passed.take(sizeOf(row));
        if (this.#passed.isSpent || budget.isSpent) return [{ at, after }];
        continue;
      }
      if (budget.isSpent) {
        return [{ at, ...(after !== undefined && { after }) }];
      }
      const verdict = this.#step.visit(row, branch, depth);
      this.#hasStopped ||= verdict === "stop";
      if (this.#hasStopped) return undefined;
      budget.take(sizeOf(row));
      after = cursor;
      if (verdict === "skip") continue;
      const rest = await this.#readBelow(branch, listed, [], depth);
      if (rest !== undefined) return [{ at, after, row: row._id }, ...rest];
      if (this.#hasStopped) return undefined;
    }
    return undefined;
  }

  #readBelow(
    branch: B,
    { row, cursor }: Listed,
    place: Place,
    depth: number,
  ): Promise<Place | undefined> {
    const below = branch.below(row as never, cursor) as B[];
    return this.read(below, place, depth + 1);
  }
}

/** The row below which reading continues, even if it has moved; null if it is gone or no longer in the list. */
async function opened(
  ctx: QueryCtx,
  { range }: Branch,
  { row }: Place[number],
): Promise<Doc<TableName> | null> {
  const id = row === undefined ? null : ctx.db.normalizeId(range.table, row);
  const found = id && await ctx.db.get(id);
  return found && isIn(range, found) ? found : null;
}
