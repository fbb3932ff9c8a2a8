/** Lists, counts and searches of memory spaces. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { counterKey, readCounter, tableCounters } from "../counters.ts";
import { sortOrder, spaceStatus, spaceType } from "../fields.ts";
import { jsonOf, MAX_SEARCHED } from "../freeForm/jsonSize.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { cappedLimit, type Page, pageArgs } from "../paging/page.ts";
import { readInOrder } from "../paging/movingPage.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { textMatcher } from "../text/textMatch.ts";
import { findSpace, SPACES, type SpaceView, toSpace } from "./spaceStore.ts";
import { type IndexRange, StepBudget, taken, walk } from "../paging/walk.ts";

const DEFAULT_LIMIT = 100;
const DEFAULT_HITS = 50;
/**
 * Most spaces of one participant that are sorted in memory, and most bytes of them, which leave room for a step through
 * all spaces.
 */
const MAX_OF_PARTICIPANT = 1000;
const MAX_OF_PARTICIPANT_BYTES = 4 * 1024 * 1024;
const MAX_SCANNED = 5000;
const MAX_CANDIDATES = 200;
/** Most bytes of spaces that one call examines. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Validators of conditions. */
export const spaceFilterArgs = {
  ...accessArgs,
  type: v.optional(spaceType),
  status: v.optional(spaceStatus),
};

/** Validators of a list's arguments. */
export const listSpacesArgs = {
  ...spaceFilterArgs,
  participant: v.optional(v.string()),
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  sortBy: v.optional(v.union(
    v.literal("createdAt"),
    v.literal("updatedAt"),
    v.literal("name"),
  )),
  sortOrder: v.optional(sortOrder),
};

/** Validators of the arguments of one step of a list. */
export const spacePageArgs = { ...listSpacesArgs, ...pageArgs };

type Space = Doc<"memorySpaces">;
type Filter = Pick<ObjectType<typeof spaceFilterArgs>, "type" | "status">;
type ListArgs = ObjectType<typeof listSpacesArgs>;
type PageArgs = ObjectType<typeof spacePageArgs>;

/** Counts the spaces that meet the filter, by a counter. */
export function countSpaces(
  ctx: QueryCtx,
  scope: Scope,
  { type, status }: Filter,
): Promise<number> {
  return readCounter(
    ctx,
    tableCounters(scope, SPACES),
    counterKey(SPACES, { type, status }),
  );
}

/** A page of spaces, among the 8,000 rows or 8 MiB that one step reads; {@link pageOfSpaces} has all. */
export async function listSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<
  { spaces: SpaceView[]; total: number; hasMore: boolean; offset: number }
> {
  const limit = cappedLimit(args.limit, DEFAULT_LIMIT);
  const offset = Math.max(0, args.offset ?? 0);
  const page = { ...args, limit, offset };
  const { rows, matched, done, total = matched } = await pageOfSpaces(
    ctx,
    scope,
    page,
  );
  return {
    spaces: rows.map(toSpace),
    total,
    hasMore: offset + rows.length < total || !done,
    offset,
  };
}

/** One step of a page of spaces; `total` is the number of all matches, if a counter knows it. */
export async function pageOfSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: PageArgs,
): Promise<Page<Space> & { total?: number }> {
  const { participant, cursor, offset = 0, limit = DEFAULT_LIMIT } = args;
  if (participant === undefined) {
    const total = await countSpaces(ctx, scope, args);
    const page = await walkSpaces(ctx, scope, { ...args, limit });
    return { ...page, total };
  }
  const found = cursor === undefined
    ? await spacesOf(ctx, scope, participant)
    : undefined;
  // For a participant of more spaces than fit, reads all spaces of the tenant, step by step.
  if (found?.isAll !== true) {
    return await walkSpaces(ctx, scope, { ...args, limit });
  }
  const rows = found.rows.filter((row) => meets(row, args))
    .sort(inOrder(args));
  return {
    rows: rows.slice(offset, offset + limit),
    matched: rows.length,
    done: true,
  };
}

function walkSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: PageArgs,
): Promise<Page<Space> & { total?: number }> {
  const { sortBy, ...rest } = args;
  const moves = sortBy === "updatedAt" || sortBy === "name";
  return readInOrder(ctx, {
    ranges: rangesOf(scope, args),
    steady: moves ? rangesOf(scope, rest) : undefined,
    matches: (row) => meets(row, args),
    offset: args.offset,
    limit: args.limit,
    cursor: args.cursor,
    uncounted: args.participant === undefined,
  });
}

/** Spaces of a participant, newest first: at most the 1,000, and 4 MiB, joined last. */
export async function spacesOf(
  ctx: QueryCtx,
  scope: Scope,
  participantId: string,
): Promise<{ rows: Space[]; isAll: boolean }> {
  const joinedLast = ctx.db.query("spaceParticipants")
    .withIndex(
      "by_tenant_participant",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("participantId", participantId),
    )
    .order("desc");
  const rows: Space[] = [];
  const budget = new StepBudget(MAX_OF_PARTICIPANT, MAX_OF_PARTICIPANT_BYTES);
  let isAll = true;
  for await (const { memorySpaceId } of joinedLast) {
    if (budget.isSpent) {
      isAll = false;
      break;
    }
    const row = await findSpace(ctx, scope, memorySpaceId);
    if (row === null) continue;
    rows.push(row);
    budget.take(sizeOf(row));
  }
  return { rows: rows.sort(inOrder({})), isAll };
}

function rangesOf(
  scope: Scope,
  { type, status, sortBy = "createdAt", sortOrder: order = "desc" }: ListArgs,
): IndexRange<"memorySpaces">[] {
  const range = (
    index: string,
    by: string,
    ...equals: [string, unknown][]
  ): IndexRange<"memorySpaces"> => ({
    table: SPACES,
    index,
    equals: [["tenantId", scope.tenantId], ...equals],
    by,
    order,
  });
  if (sortBy === "updatedAt") return [range("by_tenant_updated", "updatedAt")];
  if (sortBy === "name") {
    return [
      { ...range("by_tenant_name", "name"), after: "" },
      range("by_tenant_name", "_creationTime", ["name", undefined]),
    ];
  }
  if (status !== undefined) {
    return [range("by_tenant_status", sortBy, ["status", status])];
  }
  return type === undefined
    ? [range("by_tenant_created", sortBy)]
    : [range("by_tenant_type", sortBy, ["type", type])];
}

function meets(
  row: Space,
  { type, status, participant }: Filter & { participant?: string },
): boolean {
  return (type === undefined || row.type === type) &&
    (status === undefined || row.status === status) &&
    (participant === undefined ||
      row.participants.some(({ id }) => id === participant));
}

/** Unnamed spaces come last in either order. */
function inOrder(
  { sortBy = "createdAt", sortOrder = "desc" }: Pick<
    ListArgs,
    "sortBy" | "sortOrder"
  >,
): (a: Space, b: Space) => number {
  const sign = sortOrder === "asc" ? 1 : -1;
  return (a, b) => {
    const [x, y] = [a[sortBy], b[sortBy]];
    if ((x === undefined) !== (y === undefined)) {
      return x === undefined ? 1 : -1;
    }
    const order = typeof x === "string"
      ? compareTexts(x, y as string)
      : Number(x) - Number(y);
    return sign * (x === y ? a._creationTime - b._creationTime : order);
  };
}

/** Compares by code point, as indexes do; JavaScript compares UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const [one, other] = [[...a], [...b]];
  const at = one.findIndex((character, at) => character !== other[at]);
  const codeAt = (text: string[]) => text[at]?.codePointAt(0) ?? -1;
  return at < 0 ? one.length - other.length : codeAt(one) - codeAt(other);
}

/**
 * Spaces whose name, id or metadata contain a text, ranked in that order, last changed first. Finds whole words through
 * the text index, and any part of a text in the 5,000 spaces last changed.
 */
export async function searchSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: Filter & { query: string; limit?: number },
): Promise<SpaceView[]> {
  const { query } = args;
  const matcher = textMatcher(query, "contains");
  const found = new Map<string, Space>();
  const keep = (row: Space) => {
    if (meets(row, args) && searchedTexts(row).some(matcher.matchesJson)) {
      found.set(row._id, row);
    }
  };
  const hits = ctx.db.query(SPACES).withSearchIndex(
    "by_text",
    (q) => q.search("searchText", query).eq("tenantId", scope.tenantId),
  );
  (await taken(hits, new StepBudget(MAX_CANDIDATES))).forEach(keep);
  const budget = new StepBudget(MAX_SCANNED, MAX_BYTES);
  const [range] = rangesOf(scope, { ...args, sortBy: "updatedAt" });
  for await (const { row } of walk(ctx, range === undefined ? [] : [range])) {
    if (budget.isSpent) break;
    keep(row);
    budget.take(sizeOf(row));
  }
  const { matches } = matcher;
  const place = (row: Space) =>
    matches(row.name ?? "") ? 0 : matches(row.memorySpaceId) ? 1 : 2;
  return [...found.values()]
    .filter((row) =>
      place(row) < 2 || matcher.matchesJson(jsonOf("metadata", row))
    )
    .sort((a, b) => place(a) - place(b) || b.updatedAt - a.updatedAt)
    .slice(0, cappedLimit(args.limit, DEFAULT_HITS))
    .map(toSpace);
}

/** The text kept for the search and, if it may have been cut, the metadata that it ends with. */
function searchedTexts(row: Space): string[] {
  const { searchText } = row;
  // A cut that would divide a character comes one before.
  return searchText.length < MAX_SEARCHED - 1
    ? [searchText]
    : [searchText, jsonOf("metadata", row)];
}
