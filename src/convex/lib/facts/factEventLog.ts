/** Reads and clears the history of facts. */
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { removeEventsOfFact } from "./factMerge.ts";
import { findFactOfTenant } from "./factStore.ts";
import { type Chain, chainOf, type Toward } from "./factVersions.ts";
import { type Page, readPage } from "../paging/page.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** Most events of a fact that are examined, and most events of a range that are counted. */
const MAX_EVENTS = 8000;
const MAX_EVENT_BYTES = 8 * 1024 * 1024;
/**
 * Bounds of a chain in one direction: each fact takes one range to read, and its events, which repeat its texts, two
 * more.
 */
const MAX_LINKS = { rows: 600, bytes: 1024 * 1024 };

type Action = Doc<"factHistory">["action"];

/** Conditions on the events of a space. */
export interface EventFilter {
  memorySpaceId: string;
  /** Earliest time, in ms, inclusive. */
  after?: number;
  /** Latest time, in ms, inclusive. */
  before?: number;
  action?: Action;
}

/** A fact in a chain of successors. */
export interface Link {
  factId: string;
  supersededBy: string | null;
  timestamp: number;
  reason?: string;
}

/** The events of a fact, including those in which it superseded another; newest first. */
export async function eventsOfFact(
  ctx: QueryCtx,
  scope: Scope,
  factId: string,
  limit: number,
): Promise<Doc<"factHistory">[]> {
  const most = Math.min(limit, MAX_EVENTS / 2);
  const own = await ctx.db.query("factHistory")
    .withIndex(
      "by_tenant_factId",
      (q) => q.eq("tenantId", scope.tenantId).eq("factId", factId),
    )
    .order("desc").take(most);
  const ofOthers = await ctx.db.query("factHistory")
    .withIndex(
      "by_tenant_supersededBy",
      (q) => q.eq("tenantId", scope.tenantId).eq("supersededBy", factId),
    )
    .order("desc").take(most);
  const all = [...own, ...ofOthers.filter((event) => event.factId !== factId)];
  return all
    .sort((a, b) =>
      b.timestamp - a.timestamp || b._creationTime - a._creationTime
    )
    .slice(0, limit);
}

/** One step of a page of the events of a space, newest first: 8,000 events or 8 MiB. */
export async function eventsOfSpace(
  ctx: QueryCtx,
  scope: Scope,
  filter: EventFilter,
  paging: { offset?: number; limit?: number; cursor?: string } = {},
): Promise<Page<Doc<"factHistory">>> {
  const { memorySpaceId, action, after, before } = filter;
  const range: IndexRange<"factHistory"> = {
    table: "factHistory",
    index: action === undefined
      ? "by_tenant_space_time"
      : "by_tenant_space_action",
    equals: [
      ["tenantId", scope.tenantId],
      ["memorySpaceId", memorySpaceId],
      ...(action === undefined ? [] : [["action", action] as const]),
    ],
    by: "timestamp",
    order: "desc",
    // The bounds of a walk are exclusive.
    ...(after !== undefined && { after: after - 1 }),
    ...(before !== undefined && { before: before + 1 }),
  };
  return await readPage(ctx, {
    ...paging,
    ranges: [range],
    matches: ({ timestamp }) =>
      timestamp >= (after ?? -Infinity) && timestamp <= (before ?? Infinity),
    uncounted: paging.limit !== undefined,
  });
}

/**
 * The facts before and after one in its chain, oldest first, each with its successor, and the ends where the chain
 * continues.
 */
export async function supersessionChain(
  ctx: QueryCtx,
  scope: Scope,
  factId: string,
  toward?: Toward,
): Promise<Omit<Chain, "rows"> & { links: Link[] }> {
  const fact = await findFactOfTenant(ctx, scope, factId);
  if (fact === null) return { links: [] };
  const { rows, ...ends } = await chainOf(ctx, scope, fact, toward, MAX_LINKS);
  const links: Link[] = [];
  for (const [at, row] of rows.entries()) {
    const next = rows[at + 1];
    const event = next && await replacementOf(ctx, scope, row, next);
    // A version keeps the creation time of the first one; it started when it superseded the version before.
    const began = row.version > 1 ? links.at(-1)?.timestamp : undefined;
    links.push({
      factId: row.factId,
      supersededBy: next?.factId ?? null,
      timestamp: event?.timestamp ??
        (next === undefined ? began ?? row.createdAt : row.updatedAt),
      ...(event?.reason !== undefined && { reason: event.reason }),
    });
  }
  return { links, ...ends };
}

/** The event in which a fact superseded another: among the last events of the old fact, or the first of the new one. */
async function replacementOf(
  ctx: QueryCtx,
  scope: Scope,
  old: Doc<"facts">,
  successor: Doc<"facts">,
): Promise<Doc<"factHistory"> | undefined> {
  const eventsOf = ({ factId }: Doc<"facts">, order: "asc" | "desc") =>
    ctx.db.query("factHistory")
      .withIndex(
        "by_tenant_factId",
        (q) => q.eq("tenantId", scope.tenantId).eq("factId", factId),
      )
      .order(order);
  const last = await eventsOf(old, "desc").take(4);
  const birth = await eventsOf(successor, "asc").take(1);
  return [...last, ...birth].find((event) =>
    isReplacement(event, old, successor)
  );
}

/**
 * Whether a fact superseded another in this event: logged with the old fact, or, for a new version, with the new one.
 */
function isReplacement(
  event: Doc<"factHistory">,
  old: Doc<"facts">,
  successor: Doc<"facts">,
): boolean {
  return event.factId === old.factId &&
      event.supersededBy === successor.factId ||
    event.factId === successor.factId && event.supersedes === old.factId;
}

/** Removes one batch of the events of a fact. */
export async function clearFact(
  ctx: MutationCtx,
  scope: Scope,
  factId: string,
): Promise<{ deleted: number; done: boolean }> {
  return await removeEventsOfFact(ctx, scope, { factId }, new StepBudget());
}

/** Removes one batch of the events of a range. */
export async function clearEvents(
  ctx: MutationCtx,
  range: IndexRange<"factHistory">,
  rows?: number,
): Promise<{ deleted: number; done: boolean }> {
  const budget = new StepBudget(rows);
  let deleted = 0;
  for await (const { row } of walk(ctx, [range])) {
    if (budget.isSpent) return { deleted, done: false };
    await ctx.db.delete(row._id);
    budget.take(sizeOf(row));
    deleted++;
  }
  return { deleted, done: true };
}

/** Counts the events of a range, among those that one call reads. */
export async function countEvents(
  ctx: QueryCtx,
  range: IndexRange<"factHistory">,
): Promise<number> {
  const budget = new StepBudget(MAX_EVENTS, MAX_EVENT_BYTES / 2);
  let count = 0;
  for await (const { row } of walk(ctx, [range])) {
    count++;
    budget.take(sizeOf(row));
    if (budget.isSpent) break;
  }
  return count;
}
