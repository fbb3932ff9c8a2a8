/** Exports of agents, one part per step. */
import { type ObjectType, v } from "convex/values";
import { agentListArgs, pageOfAgents } from "./agentList.ts";
import { statsOf } from "./agentStats.ts";
import { type AgentView, findAgent, toAgent } from "../registry/agentStore.ts";
import { readCursor } from "../paging/cursor.ts";
import {
  csvPart,
  exportFormat,
  type exportResult,
  jsonPart,
  type PartPlace,
} from "../export/exportText.ts";
import { jsonOf } from "../freeForm/jsonSize.ts";
import type { Doc, Id, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** Agents per part; with statistics, which take many reads, a part is one agent. */
const AGENTS_A_PART = 200;

/** Arguments of `agents:export`. */
export const agentExportArgs = {
  ...agentListArgs,
  format: exportFormat,
  includeMetadata: v.optional(v.boolean()),
  includeStats: v.optional(v.boolean()),
};

/** Where a part begins. */
interface Start {
  /** Whether a part was written. */
  hasBegun: boolean;
  /** Agents in the parts before. */
  before: number;
  /** Agents still to skip. */
  offset: number;
  /** Where the part before ended. */
  cursor?: string | undefined;
  /** The agent whose statistics continue in this part. */
  open?: { id: Id<"agents">; agentId: string; stats: string };
}

/** Makes one part of the text: the agents after those of the parts before. */
export async function exportAgentsPart(
  ctx: QueryCtx,
  scope: Scope,
  { cursor, ...args }: ObjectType<typeof agentExportArgs>,
): Promise<typeof exportResult.type> {
  const { format, includeMetadata: _, includeStats = false, ...filters } = args;
  const start = startOf(cursor, filters.offset);
  const { hasBegun, before, offset, open } = start;
  const left = (filters.limit ?? Infinity) - before;
  const opened = await openAgent(ctx, scope, open);
  const { rows, matched, cursor: after } = opened
    ? { rows: [opened], matched: 0, cursor: start.cursor }
    : await pageOfAgents(ctx, scope, {
      ...filters,
      offset,
      limit: Math.min(includeStats ? 1 : AGENTS_A_PART, left),
      cursor: start.cursor,
    });
  const exportedAt = scope.now;
  const next: Start = {
    hasBegun: true,
    before: before + rows.length,
    offset: Math.max(0, offset - matched),
    cursor: after,
  };
  const agents: Exported[] = [];
  for (const row of rows) {
    const { agentId, lastActive } = row;
    const from = opened ? open?.stats : undefined;
    const counted = includeStats
      ? await statsOf(ctx, scope, agentId, lastActive, from)
      : undefined;
    if (counted?.cursor !== undefined) {
      const cursor = JSON.stringify({
        ...next,
        hasBegun,
        before,
        open: { id: row._id, agentId, stats: counted.cursor },
      });
      return { format, data: "", count: 0, exportedAt, done: false, cursor };
    }
    agents.push({ row, stats: counted?.stats });
  }
  const isLast = after === undefined || rows.length === left;
  const place = { isFirst: !hasBegun, hasRecords: before > 0, isLast };
  return {
    format,
    data: textOf(agents, place, args),
    count: rows.length,
    exportedAt,
    done: isLast,
    ...(!isLast && { cursor: JSON.stringify(next) }),
  };
}

function textOf(
  agents: readonly Exported[],
  place: PartPlace,
  { format, includeMetadata = true, includeStats = false }: Pick<
    ObjectType<typeof agentExportArgs>,
    "format" | "includeMetadata" | "includeStats"
  >,
): string {
  return format === "json"
    ? jsonPart(agents.map((agent) => recordOf(agent, includeMetadata)), place)
    : csvPart(
      header(includeMetadata, includeStats),
      agents.map((agent) => lineOf(agent, includeMetadata)),
      place,
    );
}

function startOf(cursor: string | undefined, offset = 0): Start {
  return cursor === undefined
    ? { hasBegun: false, before: 0, offset }
    : readCursor<Start>(cursor, ({ before }) => Number.isInteger(before));
}

/** Finds the agent whose statistics continue, wherever it is in the list by now; null if it is gone. */
async function openAgent(
  ctx: QueryCtx,
  scope: Scope,
  open: Start["open"],
): Promise<Doc<"agents"> | null> {
  if (open === undefined) return null;
  const row = await findAgent(ctx, scope, open.agentId);
  return row?._id === open.id ? row : null;
}

interface Exported {
  row: Doc<"agents">;
  stats: AgentView["stats"] | undefined;
}

function recordOf({ row, stats }: Exported, withMetadata: boolean): object {
  const agent = toAgent(row);
  return {
    id: agent.agentId,
    tenantId: agent.tenantId,
    name: agent.name,
    description: agent.description,
    status: agent.status,
    registeredAt: agent.registeredAt,
    updatedAt: agent.updatedAt,
    lastActive: agent.lastActive,
    ...(withMetadata && {
      metadata: JSON.parse(jsonOf("metadata", row) || "{}"),
      config: JSON.parse(jsonOf("config", row) || "{}"),
    }),
    ...(stats !== undefined && { stats }),
  };
}

function header(withMetadata: boolean, withStats: boolean): string[] {
  return [
    "id",
    "name",
    "description",
    "status",
    "registeredAt",
    "updatedAt",
    "lastActive",
    ...(withMetadata ? ["metadata", "config"] : []),
    ...(withStats
      ? [
        "totalMemories",
        "totalConversations",
        "totalFacts",
        "memorySpacesActive",
      ]
      : []),
  ];
}

function lineOf({ row, stats }: Exported, withMetadata: boolean) {
  const time = (ms: number | undefined) =>
    ms === undefined ? undefined : new Date(ms).toISOString();
  return [
    row.agentId,
    row.name,
    row.description,
    row.status,
    time(row.registeredAt),
    time(row.updatedAt),
    time(row.lastActive),
    ...(withMetadata
      ? [jsonOf("metadata", row) || "{}", jsonOf("config", row) || "{}"]
      : []),
    ...(stats === undefined ? [] : [
      stats.totalMemories,
      stats.totalConversations,
      stats.totalFacts,
      stats.memorySpacesActive,
    ]),
  ];
}
