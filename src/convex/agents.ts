/** Registry of agents: `api.agents.*`. */
import { v } from "convex/values";
import { accessArgs, requirePurgeable } from "./lib/access.ts";
import {
  purgeAgents,
  unregisterAgent,
  unregisterAgents,
  updateAgents,
} from "./lib/agents/agentErase.ts";
import { agentExportArgs, exportAgentsPart } from "./lib/agents/agentExport.ts";
import {
  agentFilterArgs,
  agentListArgs,
  pageOfAgents,
} from "./lib/agents/agentList.ts";
import { statsOf } from "./lib/agents/agentStats.ts";
import {
  agentChangeArgs,
  agentFreeArgs,
  agentStats,
  type AgentView,
  agentView,
  findAgent,
  insertAgent,
  patchAgent,
  requireAgent,
  toAgent,
} from "./lib/registry/agentStore.ts";
import { callersStep, eraseArgs, eraseResult } from "./lib/erasure/eraseJob.ts";
import { countRemaining } from "./lib/erasure/erasure.ts";
import { fail, shown } from "./lib/errors.ts";
import { agentStatus, stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import type { Doc, QueryCtx } from "./lib/model.ts";
import { pageFields } from "./lib/paging/page.ts";
import { checkId, MAX_OWNER_ID_LENGTH, type Scope } from "./lib/scope.ts";
import { agentSubject } from "./lib/erasure/subjects.ts";
import { exportResult } from "./lib/export/exportText.ts";

const DEFAULT_LIMIT = 100;
const named = { ...accessArgs, agentId: v.string() };
const includeStats = { includeStats: v.optional(v.boolean()) };

/** Converts a row to an agent as returned, with its statistics if asked for. */
async function shownAgent(
  ctx: QueryCtx,
  scope: Scope,
  row: Doc<"agents">,
  { includeStats }: { includeStats?: boolean },
): Promise<AgentView> {
  const agent = toAgent(row);
  if (includeStats !== true) return agent;
  const { stats } = await statsOf(ctx, scope, row.agentId, row.lastActive);
  return { ...agent, stats };
}

/** One registered agent of the tenant, or null. */
export const get = publicQuery({
  args: { ...named, ...includeStats },
  returns: v.union(agentView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findAgent(ctx, scope, args.agentId);
    return row === null ? null : await shownAgent(ctx, scope, row, args);
  },
});

/** Whether an agent is registered. */
export const exists = publicQuery({
  args: named,
  returns: v.boolean(),
  handler: async (ctx, args, scope) =>
    await findAgent(ctx, scope, args.agentId) !== null,
});

/** Agents that meet every condition, 100 unless `limit` says otherwise. */
export const list = publicQuery({
  args: agentListArgs,
  returns: v.array(agentView),
  handler: async (ctx, args, scope) => {
    const page = { ...args, limit: args.limit ?? DEFAULT_LIMIT };
    return (await pageOfAgents(ctx, scope, page)).rows.map(toAgent);
  },
});

/** One step of a page of agents. */
export const page = publicQuery({
  args: agentListArgs,
  returns: v.object({ agents: v.array(agentView), ...pageFields }),
  handler: async (ctx, args, scope) => {
    const { rows, ...rest } = await pageOfAgents(ctx, scope, args);
    return { agents: rows.map(toAgent), ...rest };
  },
});

/** Counts the agents that meet every condition. */
export const count = publicQuery({
  args: agentFilterArgs,
  returns: v.number(),
  handler: async (ctx, args, scope) => {
    return (await pageOfAgents(ctx, scope, { ...args, limit: 0 })).matched;
  },
});

/** Statistics of an agent, exact up to 10,000 rows of each kind. Call it until it returns no cursor. */
export const computeStats = publicQuery({
  args: { ...named, cursor: v.optional(v.string()) },
  returns: v.object({
    ...agentStats.fields,
    done: v.optional(v.boolean()),
    cursor: v.optional(v.string()),
  }),
  handler: async (ctx, { agentId, cursor: start }, scope) => {
    const row = await findAgent(ctx, scope, agentId);
    const { stats, cursor } = await statsOf(
      ctx,
      scope,
      agentId,
      row?.lastActive,
      start,
    );
    return { ...stats, ...(cursor !== undefined && { done: false, cursor }) };
  },
});

/** Registers an agent. Throws `AGENT_ALREADY_REGISTERED`, `INVALID_ID`, `CONTENT_TOO_LARGE`. */
export const register = publicMutation("agents:register", {
  args: {
    ...named,
    name: v.string(),
    description: v.optional(v.string()),
    ...agentFreeArgs,
    ...includeStats,
  },
  returns: agentView,
  handler: async (ctx, args, scope) => {
    checkId("agentId", args.agentId, MAX_OWNER_ID_LENGTH);
    if (await findAgent(ctx, scope, args.agentId) !== null) {
      fail("AGENT_ALREADY_REGISTERED", shown(args.agentId));
    }
    const row = await insertAgent(ctx, scope, args);
    return await shownAgent(ctx, scope, row, args);
  },
});

/** Changes the given fields; metadata and config are replaced as a whole. Throws `AGENT_NOT_REGISTERED`. */
export const update = publicMutation("agents:update", {
  args: { ...named, ...agentChangeArgs, ...includeStats },
  returns: agentView,
  handler: async (ctx, args, scope) => {
    const agent = await requireAgent(ctx, scope, args.agentId);
    const row = await patchAgent(ctx, scope, agent, args);
    return await shownAgent(ctx, scope, row, args);
  },
});

/** Changes all named agents, at most 200, or none of them; unknown ids are skipped. */
export const updateMany = publicMutation("agents:updateMany", {
  args: {
    ...accessArgs,
    agentIds: v.array(v.string()),
    cursor: v.optional(v.string()),
    ...agentChangeArgs,
  },
  returns: v.object({
    updated: v.number(),
    agentIds: v.array(v.string()),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) =>
    await updateAgents(ctx, scope, args.agentIds, args),
});

/** Deletes a registration and nothing else. Throws `AGENT_NOT_REGISTERED`. */
export const unregister = publicMutation("agents:unregister", {
  args: named,
  returns: v.object({
    deleted: v.boolean(),
    agentId: v.string(),
    deletedAt: v.number(),
  }),
  handler: async (ctx, args, scope) => {
    await unregisterAgent(ctx, scope, args.agentId);
    return { deleted: true, agentId: args.agentId, deletedAt: scope.now };
  },
});

/** Deletes registrations by id or by status, 200 or 4 MiB per call. Throws `INVALID_FILTERS`. */
export const unregisterMany = publicMutation("agents:unregisterMany", {
  args: {
    ...accessArgs,
    agentIds: v.optional(v.array(v.string())),
    status: v.optional(agentStatus),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    deleted: v.number(),
    agentIds: v.array(v.string()),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => await unregisterAgents(ctx, scope, args),
});

/** One part of an export of agents. */
const exportPart = publicQuery({
  args: agentExportArgs,
  returns: exportResult,
  handler: async (ctx, args, scope) => await exportAgentsPart(ctx, scope, args),
});
export { exportPart as export };

/** One step of the erasure of an agent: 200 rows or 4 MiB. To be called until `done`. */
export const eraseAgent = publicMutation("agents:eraseAgent", {
  args: { ...named, ...eraseArgs },
  returns: eraseResult,
  handler: async (ctx, args, scope) => {
    return await callersStep(
      ctx,
      scope,
      agentSubject(scope, args.agentId),
      args,
    );
  },
});

/** Counts the rows of an agent that are left, by table; at most 1,000 per index range. */
export const verifyErasure = publicQuery({
  args: named,
  returns: v.record(v.string(), v.number()),
  handler: async (ctx, args, scope) => {
    return await countRemaining(ctx, agentSubject(scope, args.agentId));
  },
});

/**
 * Deletes every registration of the tenant, or those without a tenant; to be called until `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAll = publicMutation("agents:purgeAll", {
  args: accessArgs,
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    return await purgeAgents(ctx, scope);
  },
});
