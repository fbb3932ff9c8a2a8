/** Exports of agents, a part a step. */
import { type ObjectType, v } from "convex/values";
import { agentListArgs, pageOfAgents } from "./agentList.ts";
import { statsOf } from "./agentStats.ts";
import { type AgentView, toAgent } from "./agentStore.ts";
import { csvPart, jsonPart } from "../transfer/exportText.ts";
import { jsonOf } from "../jsonSize.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** Agents of one part; statistics read much, so that one agent is a part with them. */
const AGENTS_A_PART = 200;

/** Arguments of `agents:export`. */
export const agentExportArgs = {
  ...agentListArgs,
  format: v.union(v.literal("json"), v.literal("csv")),
  includeMetadata: v.optional(v.boolean()),
  includeStats: v.optional(v.boolean()),
};

/** Validator of a part. */
export const agentExport = v.object({
  data: v.string(),
  count: v.number(),
  exportedAt: v.number(),
  done: v.boolean(),
  cursor: v.optional(v.string()),
});

/** Where a part begins. */
interface Start {
  /** Agents that the parts before hold. */
  before: number;
  /** Agents that are still to be passed over. */
  offset: number;
  /** Where the part before ended. */
  cursor?: string;
  /** Where the statistics of the next agent go on. */
  stats?: string;
}

/** Makes one part of the text: the agents after those of the parts before. */
export async function exportAgentsPart(
  ctx: QueryCtx,
  scope: Scope,
  { cursor, format, includeMetadata, includeStats, ...filters }: ObjectType<
    typeof agentExportArgs
  >,
): Promise<typeof agentExport.type> {
  const start: Start = cursor === undefined
    ? { before: 0, offset: filters.offset ?? 0 }
    : JSON.parse(cursor);
  const { before } = start;
  const left = (filters.limit ?? Infinity) - before;
  const size = includeStats === true ? 1 : AGENTS_A_PART;
  const { rows, ...page } = await pageOfAgents(ctx, scope, {
    ...filters,
    offset: start.offset,
    limit: Math.min(size, left),
    cursor: start.cursor,
  });
  const isLast = page.cursor === undefined || rows.length === left;
  const next: Start = {
    before: before + rows.length,
    offset: Math.max(0, start.offset - page.matched),
    cursor: page.cursor,
  };
  const place = {
    isFirst: start.cursor === undefined,
    hasRecords: before > 0,
    isLast,
  };
  const agents: Exported[] = [];
  for (const row of rows) {
    if (includeStats !== true) {
      agents.push({ row });
      continue;
    }
    const { agentId, lastActive } = row;
    const from = start.stats;
    const { stats, cursor } = await statsOf(
      ctx,
      scope,
      agentId,
      lastActive,
      from,
    );
    if (cursor !== undefined) {
      return {
        data: "",
        count: 0,
        exportedAt: scope.now,
        done: false,
        cursor: JSON.stringify({ ...start, stats: cursor }),
      };
    }
    agents.push({ row, stats });
  }
  const withMetadata = includeMetadata !== false;
  return {
    data: format === "json"
      ? jsonPart(agents.map((agent) => recordOf(agent, withMetadata)), place)
      : csvPart(
        header(withMetadata, includeStats === true),
        agents.map((agent) => lineOf(agent, withMetadata)),
        place,
      ),
    count: rows.length,
    exportedAt: scope.now,
    done: isLast,
    ...(!isLast && { cursor: JSON.stringify(next) }),
  };
}

interface Exported {
  row: Doc<"agents">;
  stats?: AgentView["stats"];
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
