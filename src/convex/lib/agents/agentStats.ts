/** Statistics of an agent: rows counted by index, up to a bound. */
import { readCursor } from "../paging/cursor.ts";
import { isIn } from "../erasure/erasure.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import type { AgentStats } from "../registry/agentStore.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** Rows of one kind that are counted. */
const MAX_ROWS = 10_000;
/** Rows and bytes that one step reads. */
const MAX_STEP_ROWS = 8000;
const MAX_STEP_BYTES = 8 * 1024 * 1024;

/** The kinds of rows that are counted, the fields by which they are found, and their names in the result. */
const KINDS = [
  {
    table: "memories",
    total: "totalMemories",
    fields: [
      ["by_tenant_participant", "participantId"],
      ["by_tenant_agent", "agentId"],
    ],
  },
  {
    table: "conversations",
    total: "totalConversations",
    fields: [
      ["by_tenant_participant", "participantId"],
      ["by_tenant_speaker", "participants.participantId"],
      ["by_tenant_agent", "participants.agentId"],
    ],
  },
  {
    table: "facts",
    total: "totalFacts",
    fields: [["by_tenant_participant", "participantId"]],
  },
] as const;

type Kind = typeof KINDS[number];
type Counted = Doc<Kind["table"]>;

/** What the steps so far have counted; a cursor carries it. */
interface Sum extends Record<Kind["total"], number> {
  /** The kind being counted, the row after which to continue, and the number of its rows so far. */
  kind: number;
  after?: string | undefined;
  rows: number;
  spaces: string[];
  lastActive?: number;
  isApproximate: boolean;
}

/**
 * Counts an agent's memories, conversations and current facts, up to 10,000 rows of each. Does one step of 8,000 rows
 * and 8 MiB; if the result has a cursor, it is partial, and the next step takes the cursor.
 *
 * @param stored When the agent is known to have been active.
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function statsOf(
  ctx: QueryCtx,
  scope: Scope,
  agentId: string,
  stored: number | undefined,
  cursor?: string,
): Promise<{ stats: AgentStats; cursor?: string }> {
  const sum = cursor === undefined ? beginning(stored) : parse(cursor);
  const isDone = await countOn(ctx, scope, agentId, sum);
  const { totalMemories, totalConversations, totalFacts, lastActive } = sum;
  return {
    stats: {
      totalMemories,
      totalConversations,
      totalFacts,
      memorySpacesActive: sum.spaces.length,
      ...(lastActive !== undefined && { lastActive }),
      ...(sum.isApproximate || !isDone ? { isApproximate: true } : {}),
    },
    ...(!isDone && { cursor: JSON.stringify(sum) }),
  };
}

function beginning(stored: number | undefined): Sum {
  return {
    kind: 0,
    rows: 0,
    totalMemories: 0,
    totalConversations: 0,
    totalFacts: 0,
    spaces: [],
    ...(stored !== undefined && { lastActive: stored }),
    isApproximate: false,
  };
}

function parse(cursor: string): Sum {
  return readCursor<Sum>(
    cursor,
    (sum) =>
      KINDS.some((_, at) => at === sum.kind) && Array.isArray(sum.spaces) &&
      [sum.rows, ...KINDS.map(({ total }) => sum[total])]
        .every(Number.isInteger),
  );
}

/** Continues a count; returns whether all rows were counted. */
async function countOn(
  ctx: QueryCtx,
  scope: Scope,
  agentId: string,
  sum: Sum,
): Promise<boolean> {
  const budget = new StepBudget(MAX_STEP_ROWS, MAX_STEP_BYTES);
  const spaces = new Set(sum.spaces);
  for (const { table, total, fields } of KINDS.slice(sum.kind)) {
    const ranges = fields.map(([index, field]): IndexRange<TableName> => ({
      table,
      index,
      equals: [["tenantId", scope.tenantId], [field, agentId]],
      by: "createdAt",
    }));
    const walked = walk(ctx, ranges, sum.after);
    for await (const { row: found, range, cursor } of walked) {
      const row = found as Counted;
      // A row in several ranges is counted in the first.
      const isFirst = range === ranges.find((range) => isIn(range, row));
      if (isFirst && sum.rows === MAX_ROWS) {
        sum.isApproximate = true;
        break;
      }
      if (budget.isSpent) {
        sum.spaces = [...spaces];
        return false;
      }
      if (isFirst && (!("isCurrent" in row) || row.isCurrent)) {
        sum[total]++;
        spaces.add(row.memorySpaceId);
        sum.lastActive = Math.max(sum.lastActive ?? 0, row.updatedAt);
      }
      budget.take(sizeOf(row));
      sum.after = cursor;
      if (isFirst) sum.rows++;
    }
    sum.kind++;
    sum.after = undefined;
    sum.rows = 0;
  }
  sum.spaces = [...spaces];
  return true;
}
