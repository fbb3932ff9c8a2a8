/** Lists and counts of agents: reads one index range in the requested order and filters it, a bounded step per call. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { agentStatus, metadata, sortOrder } from "../fields.ts";
import {
  type Metadata,
  metadataOf,
  metadataTest,
} from "../freeForm/metadataFilter.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { isBetween, type Page, pageArgs, textTest } from "../paging/page.ts";
import { readInOrder } from "../paging/movingPage.ts";
import { keptAgents } from "../registry/agentCounts.ts";
import type { Scope } from "../scope.ts";
import type { IndexRange } from "../paging/walk.ts";

/** Validators of conditions. Bounds on the registration are exclusive, those on the activity inclusive. */
export const agentFilterArgs = {
  ...accessArgs,
  ...metadata,
  name: v.optional(v.string()),
  capabilities: v.optional(v.array(v.string())),
  capabilitiesMatch: v.optional(v.union(v.literal("any"), v.literal("all"))),
  status: v.optional(agentStatus),
  registeredAfter: v.optional(v.number()),
  registeredBefore: v.optional(v.number()),
  lastActiveAfter: v.optional(v.number()),
  lastActiveBefore: v.optional(v.number()),
};

/** Validators of a list's arguments. */
export const agentListArgs = {
  ...agentFilterArgs,
  ...pageArgs,
  sortBy: v.optional(v.union(
    v.literal("name"),
    v.literal("registeredAt"),
    v.literal("lastActive"),
  )),
  sortOrder: v.optional(sortOrder),
};

/** All statuses of an agent. */
const STATUSES = agentStatus.members.map(({ value }) => value);

type Filter = ObjectType<typeof agentFilterArgs>;
/** Arguments of a list. */
export type AgentListArgs = ObjectType<typeof agentListArgs>;

/** One step of a page of agents; one of 0 counts. */
export async function pageOfAgents(
  ctx: QueryCtx,
  scope: Scope,
  args: AgentListArgs,
): Promise<Page<Doc<"agents">>> {
  if (args.limit === 0 && args.cursor === undefined) {
    const matched = await knownCount(ctx, scope, args);
    if (matched !== undefined) return { rows: [], matched, done: true };
  }
  const wanted = {
    ...args,
    isNamed: textTest(args.name),
    hasAsked: metadataTest(args),
  };
  const { sortBy = "registeredAt", ...rest } = args;
  const steady = rangesOf(scope, rest);
  // A call for all agents at once needs no order.
  const hasOrder = sortBy !== "registeredAt" && args.limit !== undefined;
  return await readInOrder(ctx, {
    ranges: hasOrder ? rangesOf(scope, args) : steady,
    steady: hasOrder ? steady : undefined,
    matches: (row) => meets(row, wanted),
    offset: args.offset,
    limit: args.limit,
    cursor: args.cursor,
    uncounted: args.limit !== undefined && args.limit > 0,
  });
}

/** The count kept for a filter; there is one if the filter has at most a status. */
async function knownCount(
  ctx: QueryCtx,
  scope: Scope,
  { status, name, capabilities, metadata, metadataJson, ...args }:
    AgentListArgs,
): Promise<number | undefined> {
  const { registeredAfter, registeredBefore } = args;
  const { lastActiveAfter, lastActiveBefore } = args;
  const others = [
    name,
    capabilities?.[0],
    metadata ?? metadataJson,
    registeredAfter ?? registeredBefore,
    lastActiveAfter ?? lastActiveBefore,
  ];
  if (others.some((condition) => condition !== undefined)) return undefined;
  let total = 0;
  for (const one of status === undefined ? STATUSES : [status]) {
    const count = await keptAgents(ctx, scope, one);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

function rangesOf(
  scope: Scope,
  { sortBy = "registeredAt", sortOrder: order = "desc", ...args }:
    AgentListArgs,
): IndexRange<"agents">[] {
  const range = (
    index: string,
    by: string,
    ...equals: [string, unknown][]
  ): IndexRange<"agents"> => ({
    table: "agents",
    index,
    equals: [["tenantId", scope.tenantId], ...equals],
    by,
    order,
  });
  if (sortBy === "name") return [range("by_tenant_name", "name")];
  if (sortBy === "lastActive") {
    return [
      { ...range("by_tenant_lastActive", sortBy), after: -Infinity },
      range("by_tenant_lastActive", "_creationTime", [sortBy, undefined]),
    ];
  }
  return [{
    ...(args.status === undefined
      ? range("by_tenant_registered", sortBy)
      : range("by_tenant_status", sortBy, ["status", args.status])),
    after: args.registeredAfter,
    before: args.registeredBefore,
  }];
}

type Wanted = Filter & {
  isNamed: (name: string) => boolean;
  hasAsked: (stored: Metadata) => boolean;
};

function meets(row: Doc<"agents">, wanted: Wanted): boolean {
  const { lastActive } = row;
  const { lastActiveAfter: after, lastActiveBefore: before } = wanted;
  return (wanted.status === undefined || row.status === wanted.status) &&
    wanted.isNamed(row.name) &&
    isBetween(
      row.registeredAt,
      wanted.registeredAfter,
      wanted.registeredBefore,
    ) &&
    (after === undefined || lastActive !== undefined && lastActive >= after) &&
    (before === undefined ||
      lastActive !== undefined && lastActive <= before) &&
    hasMetadata(row, wanted);
}

function hasMetadata(row: Doc<"agents">, wanted: Wanted): boolean {
  // As with tags elsewhere, an empty list is no condition.
  const { metadata, metadataJson, capabilities = [] } = wanted;
  const asksMore = metadata !== undefined || metadataJson !== undefined;
  if (!asksMore && capabilities.length === 0) return true;
  const stored = metadataOf(row);
  if (!wanted.hasAsked(stored)) return false;
  if (capabilities.length === 0) return true;
  const known = new Set<unknown>(
    Array.isArray(stored.capabilities) ? stored.capabilities : [],
  );
  return wanted.capabilitiesMatch === "all"
    ? capabilities.every((one) => known.has(one))
    : capabilities.some((one) => known.has(one));
}
