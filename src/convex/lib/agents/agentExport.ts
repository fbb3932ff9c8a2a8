/** Exports of agents, a part a step. */
import { type ObjectType, v } from "convex/values";
import { agentListArgs, pageOfAgents } from "./agentList.ts";
import { statsOf } from "./agentStats.ts";
import { type AgentView, toAgent } from "../registry/agentStore.ts";
import { readCursor } from "../cursor.ts";
import {
  csvPart,
  exportFormat,
  type exportResult,
  jsonPart,
} from "../export/exportText.ts";
import { jsonOf } from "../jsonSize.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** Agents of one part; statistics read much, so that one agent is a part with them. */
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
  /** Agents that the parts before hold. */
  before: number;
  /** Agents that are still to be passed over. */
  offset: number;
  /** Where the part before ended. */
  cursor?: string | undefined;
  /** Where the statistics of the next agent go on. */
  stats?: string;
}

/** Makes one part of the text: the agents after those of the parts before. */
export async function exportAgentsPart(
  ctx: QueryCtx,
  scope: Scope,
  { cursor, ...args }: ObjectType<typeof agentExportArgs>,
): Promise<typeof exportResult.type> {
  const { format, includeMetadata = true, includeStats = false, ...filters } =
    args;
  const start: Start = cursor === undefined
    ? { before: 0, offset: filters.offset ?? 0 }
    : readCursor<Start>(cursor, ({ before }) => Number.isInteger(before));
  const { before, offset } = start;
  const left = (filters.limit ?? Infinity) - before;
  const { rows, matched, cursor: after } = await pageOfAgents(ctx, scope, {
    ...filters,
    offset,
    limit: Math.min(includeStats ? 1 : AGENTS_A_PART, left),
    cursor: start.cursor,
  });
  const exportedAt = scope.now;
  const agents: Exported[] = [];
  for (const row of rows) {
    const counted = includeStats
      ? await statsOf(ctx, scope, row.agentId, row.lastActive, start.stats)
      : undefined;
    if (counted?.cursor !== undefined) {
      const cursor = JSON.stringify({ ...start, stats: counted.cursor });
      return { format, data: "", count: 0, exportedAt, done: false, cursor };
    }
    agents.push({ row, stats: counted?.stats });
  }
  const isLast = after === undefined || rows.length === left;
  const place = {
    isFirst: start.cursor === undefined,
    hasRecords: before > 0,
    isLast,
  };
  const next: Start = {
    before: before + rows.length,
    offset: Math.max(0, offset - matched),
    cursor: after,
  };
  return {
    format,
    data: format === "json"
      ? jsonPart(agents.map((agent) => recordOf(agent, includeMetadata)), place)
      : csvPart(
        header(includeMetadata, includeStats),
        agents.map((agent) => lineOf(agent, includeMetadata)),
        place,
      ),
    count: rows.length,
    exportedAt,
    done: isLast,
    ...(!isLast && { cursor: JSON.stringify(next) }),
  };
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
