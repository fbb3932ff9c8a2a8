/** Registered agents. */
import { v } from "convex/values";
import { countAgent, uncountAgent } from "./agentCounts.ts";
import { fail, shown } from "../errors.ts";
import { agentStatus, metadata } from "../fields.ts";
import {
  type FreeForm,
  readFreeForm,
  replaceFreeForm,
  storeFreeForm,
} from "../freeForm/freeForm.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx, NewDoc, QueryCtx } from "../model.ts";
import { owner, type Scope, timeOfChange } from "../scope.ts";
import { pick } from "../shapes.ts";
import { rowSize } from "../size.ts";

/** Least time between two records of an agent's activity, in ms. */
const ACTIVITY_MS = 60_000;

/** Validators of an agent's free-form fields. */
export const agentFreeArgs = {
  ...metadata,
  config: v.optional(v.any()),
  configJson: v.optional(v.string()),
};

/** Validators of an agent's changeable fields. */
export const agentChangeArgs = {
  name: v.optional(v.string()),
  description: v.optional(v.string()),
  ...agentFreeArgs,
  status: v.optional(agentStatus),
};

/** Validator of an agent's statistics. */
export const agentStats = v.object({
  totalMemories: v.number(),
  totalConversations: v.number(),
  totalFacts: v.number(),
  memorySpacesActive: v.number(),
  lastActive: v.optional(v.number()),
  isApproximate: v.optional(v.boolean()),
});

/** An agent's statistics. */
export type AgentStats = typeof agentStats.type;

/** Validator of an agent as returned. */
export const agentView = v.object({
  _id: v.id("agents"),
  agentId: v.string(),
  tenantId: v.optional(v.string()),
  name: v.string(),
  description: v.optional(v.string()),
  ...agentFreeArgs,
  status: agentStatus,
  registeredAt: v.number(),
  updatedAt: v.number(),
  lastActive: v.optional(v.number()),
  stats: v.optional(agentStats),
});

/** An agent as returned. */
export type AgentView = typeof agentView.type;

type FreeForms = FreeForm<"metadata"> & FreeForm<"config">;

/** Input for a new agent. */
export type NewAgent = FreeForms & {
  agentId: string;
  name: string;
  description?: string;
  lastActive?: number;
};

/** The changeable fields of an agent. */
export type AgentChanges = FreeForms & {
  name?: string;
  description?: string;
  status?: Doc<"agents">["status"];
};

/** Reads one registered agent. */
export function findAgent(
  ctx: QueryCtx,
  scope: Scope,
  agentId: string,
): Promise<Doc<"agents"> | null> {
  return ctx.db.query("agents")
    .withIndex(
      "by_tenant_agentId",
      (q) => q.eq("tenantId", scope.tenantId).eq("agentId", agentId),
    )
    .unique();
}

/** The same, but throws `AGENT_NOT_REGISTERED` if there is none. */
export async function requireAgent(
  ctx: QueryCtx,
  scope: Scope,
  agentId: string,
): Promise<Doc<"agents">> {
  return await findAgent(ctx, scope, agentId) ??
    fail("AGENT_NOT_REGISTERED", shown(agentId));
}

/** Stores an active agent whose id is free. */
export async function insertAgent(
  ctx: MutationCtx,
  scope: Scope,
  given: NewAgent,
): Promise<Doc<"agents">> {
  const row: NewDoc<"agents"> = {
    ...owner(scope),
    agentId: given.agentId,
    name: given.name,
    ...(given.description !== undefined &&
      { description: given.description }),
    ...storeFreeForm("metadata", given.metadata ?? {}, given.metadataJson),
    ...storeFreeForm("config", given.config ?? {}, given.configJson),
    status: "active",
    registeredAt: scope.now,
    updatedAt: scope.now,
    ...(given.lastActive !== undefined && { lastActive: given.lastActive }),
  };
  rowSize(`agent ${shown(given.agentId)}`, row);
  const _id = await ctx.db.insert("agents", row);
  await countAgent(ctx, row);
  return { ...row, _id, _creationTime: scope.now };
}

/** Changes the given fields; metadata and config are replaced as a whole. */
export async function patchAgent(
  ctx: MutationCtx,
  scope: Scope,
  agent: Doc<"agents">,
  given: AgentChanges,
): Promise<Doc<"agents">> {
  const changes = {
    ...pick(given, ["name", "description", "status"]),
    ...replaceFreeForm("metadata", given),
    ...replaceFreeForm("config", given),
    updatedAt: timeOfChange(scope, agent),
  };
  const changed = { ...agent, ...changes };
  rowSize(`agent ${shown(agent.agentId)}`, {
    ...readFreeForm("metadata", changed),
    ...readFreeForm("config", changed),
  });
  await ctx.db.patch(agent._id, changes);
  if (changed.status !== agent.status) {
    await uncountAgent(ctx, agent);
    await countAgent(ctx, changed);
  }
  return changed;
}

/** Deletes an agent, and removes it from the counters. */
export async function deleteAgent(
  ctx: MutationCtx,
  scope: Scope,
  agent: Doc<"agents">,
): Promise<void> {
  await ctx.db.delete(agent._id);
  await forgetRow(ctx, scope, "agents", agent.agentId);
  await uncountAgent(ctx, agent);
}

/** Records that an agent is active, at most once a minute. Returns false if it is not registered. */
export async function touchAgent(
  ctx: MutationCtx,
  scope: Scope,
  agentId: string,
): Promise<boolean> {
  const agent = await findAgent(ctx, scope, agentId);
  if (agent === null) return false;
  if (scope.now - (agent.lastActive ?? -Infinity) >= ACTIVITY_MS) {
    await ctx.db.patch(agent._id, { lastActive: scope.now });
  }
  return true;
}

/** Records activity for those ids that are registered agents. For each id one range, one row read and written. */
export async function noteActivity(
  ctx: MutationCtx,
  scope: Scope,
  ids: readonly (string | undefined)[],
): Promise<void> {
  for (const id of new Set(ids)) {
    if (id !== undefined) await touchAgent(ctx, scope, id);
  }
}

/** Converts a row to an agent as returned. */
export function toAgent(row: Doc<"agents">): AgentView {
  return {
    ...pick(row, ["_id", "agentId", "tenantId", "name", "description"]),
    ...pick(row, ["status", "registeredAt", "updatedAt", "lastActive"]),
    ...readFreeForm("metadata", row),
    ...readFreeForm("config", row),
  };
}
