/** Lists, counts and searches of memory spaces. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { counterKey, readCounter, tableCounters } from "../counters.ts";
import { jsonOf } from "../jsonSize.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { cappedLimit, holdsText, readPage } from "../page.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { textMatcher } from "../text/textMatch.ts";
import {
  findSpace,
  SPACES,
  spaceStatus,
  spaceType,
  type SpaceView,
  toSpace,
} from "./spaceStore.ts";
import { type IndexRange, Room, taken, walk } from "../walk.ts";

const DEFAULT_LIMIT = 100;
const DEFAULT_HITS = 50;
/** Spaces of one participant that are looked at. */
const MAX_OF_PARTICIPANT = 1000;
const MAX_SEARCHED = 5000;
const MAX_CANDIDATES = 200;
const MAX_SEARCHED_BYTES = 8 * 1024 * 1024;

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
  sortOrder: v.optional(v.union(v.literal("asc"), v.literal("desc"))),
};

type Space = Doc<"memorySpaces">;
type Filter = Pick<ObjectType<typeof spaceFilterArgs>, "type" | "status">;
type ListArgs = ObjectType<typeof listSpacesArgs>;

/** How many spaces meet the filter: a kept count. */
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

/** A page of spaces. Looks at 8,000 spaces at most, at 1,000 of one participant. */
export async function listSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<
  { spaces: SpaceView[]; total: number; hasMore: boolean; offset: number }
> {
  const limit = cappedLimit(args.limit, DEFAULT_LIMIT);
  const offset = Math.max(0, args.offset ?? 0);
  const { rows, total } = args.participant === undefined
    ? await pageOfSpaces(ctx, scope, args, offset, limit)
    : await pageOfParticipant(ctx, scope, args, offset, limit);
  return {
    spaces: rows.map(toSpace),
    total,
    hasMore: offset + rows.length < total,
    offset,
  };
}

async function pageOfSpaces(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
  offset: number,
  limit: number,
): Promise<{ rows: Space[]; total: number }> {
  const { rows } = await readPage(ctx, {
    ranges: rangesOf(scope, args),
    matches: (row) => meets(row, args),
    offset,
    limit,
    uncounted: true,
  });
  return { rows, total: await countSpaces(ctx, scope, args) };
}

async function pageOfParticipant(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
  offset: number,
  limit: number,
): Promise<{ rows: Space[]; total: number }> {
  const all = await spacesOf(ctx, scope, args.participant ?? "");
  const rows = all.filter((row) => meets(row, args)).sort(inOrder(args));
  return { rows: rows.slice(offset, offset + limit), total: rows.length };
}

/** Spaces of a participant, the newest first; 1,000 at most. */
export async function spacesOf(
  ctx: QueryCtx,
  scope: Scope,
  participantId: string,
): Promise<Space[]> {
  const mirrored = await ctx.db.query("spaceParticipants")
    .withIndex(
      "by_tenant_participant",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("participantId", participantId),
    )
    .order("desc").take(MAX_OF_PARTICIPANT);
  const rows: Space[] = [];
  for (const { memorySpaceId } of mirrored) {
    const row = await findSpace(ctx, scope, memorySpaceId);
    if (row !== null) rows.push(row);
  }
  return rows.sort(inOrder({}));
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

function meets(row: Space, { type, status }: Filter): boolean {
  return (type === undefined || row.type === type) &&
    (status === undefined || row.status === status);
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
    const order = x === y || x === undefined || y === undefined
      ? a._creationTime - b._creationTime
      : x < y
      ? -1
      : 1;
    return sign * order;
  };
}

/**
 * Spaces whose name, id or metadata hold a text, in that order, the last changed first. Looks at the text index, which
 * knows words, and at the 5,000 spaces last changed, of which any part is found.
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
    if (meets(row, args) && matcher.matchesJson(row.searchText)) {
      found.set(row._id, row);
    }
  };
  const hits = ctx.db.query(SPACES).withSearchIndex(
    "by_text",
    (q) => q.search("searchText", query).eq("tenantId", scope.tenantId),
  );
  (await taken(hits, new Room(MAX_CANDIDATES))).forEach(keep);
  const room = new Room(MAX_SEARCHED, MAX_SEARCHED_BYTES);
  const [range] = rangesOf(scope, { ...args, sortBy: "updatedAt" });
  for await (const { row } of walk(ctx, range === undefined ? [] : [range])) {
    if (room.isFull) break;
    keep(row);
    room.take(sizeOf(row));
  }
  const place = (row: Space) =>
    holdsText(row.name, query)
      ? 0
      : holdsText(row.memorySpaceId, query)
      ? 1
      : 2;
  return [...found.values()]
    .filter((row) =>
      place(row) < 2 || matcher.matchesJson(jsonOf("metadata", row))
    )
    .sort((a, b) => place(a) - place(b) || b.updatedAt - a.updatedAt)
    .slice(0, cappedLimit(args.limit, DEFAULT_HITS))
    .map(toSpace);
}
