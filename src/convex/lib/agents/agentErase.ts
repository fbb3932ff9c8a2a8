/** Deletes and changes registrations of agents. */
import { INVALID_FILTERS } from "../moduleCodes.ts";
import { checkCount } from "../bounds.ts";
import { fail } from "../errors.ts";
import {
  type AgentChanges,
  deleteAgent,
  findAgent,
  patchAgent,
  requireAgent,
} from "../registry/agentStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** Most agents that one mutation changes, and most ids that it looks up. */
const MAX_AGENTS = 200;
const MAX_IDS = 2000;

/** Deletes one registration and nothing else. Throws `AGENT_NOT_REGISTERED`. */
export async function unregisterAgent(
  ctx: MutationCtx,
  scope: Scope,
  agentId: string,
): Promise<void> {
  const agent = await requireAgent(ctx, scope, agentId);
  await deleteAgent(ctx, scope, agent);
}

/**
 * Deletes registrations by id or by status, 200 per call. Unknown ids are skipped, so repeating the call continues.
 *
 * @throws {ConvexError} `INVALID_FILTERS`, `LIMIT_EXCEEDED`.
 */
export async function unregisterAgents(
  ctx: MutationCtx,
  scope: Scope,
  args: {
    agentIds?: string[];
    status?: Doc<"agents">["status"];
    cursor?: string;
  },
): Promise<Changed & { deleted: number }> {
  const { agentIds, status, cursor } = args;
  if (agentIds === undefined && status === undefined) {
    fail(INVALID_FILTERS, "agentIds or status is required");
  }
  const chosen = agentIds === undefined
    ? await withStatus(ctx, scope, status)
    : await named(ctx, scope, agentIds, { status, cursor });
  const rows = chosen.slice(0, MAX_AGENTS);
  for (const row of rows) await deleteAgent(ctx, scope, row);
  return { deleted: rows.length, ...changed(chosen) };
}

/** Changes registered agents by their ids, 200 per call; unknown ids are skipped. */
export async function updateAgents(
  ctx: MutationCtx,
  scope: Scope,
  agentIds: readonly string[],
  changes: AgentChanges & { cursor?: string },
): Promise<Changed & { updated: number }> {
  const chosen = await named(ctx, scope, agentIds, { cursor: changes.cursor });
  const rows = chosen.slice(0, MAX_AGENTS);
  for (const row of rows) await patchAgent(ctx, scope, row, changes);
  return { updated: rows.length, ...changed(chosen) };
}

/** The result of a step, and the agent after which the next one continues. */
interface Changed {
  agentIds: string[];
  done: boolean;
  cursor?: string;
}

function changed(chosen: readonly Doc<"agents">[]): Changed {
  const agentIds = chosen.slice(0, MAX_AGENTS).map((row) => row.agentId);
  if (chosen.length <= MAX_AGENTS) return { agentIds, done: true };
  return { agentIds, done: false, cursor: agentIds.at(-1)! };
}

/** Deletes every registration of the tenant, or those without a tenant: 200 per call. */
export async function purgeAgents(
  ctx: MutationCtx,
  scope: Scope,
): Promise<{ deleted: number; done: boolean }> {
  const rows = await ctx.db.query("agents")
    .withIndex("by_tenant_registered", (q) => q.eq("tenantId", scope.tenantId))
    .take(MAX_AGENTS);
  for (const row of rows) await deleteAgent(ctx, scope, row);
  return { deleted: rows.length, done: rows.length < MAX_AGENTS };
}

async function named(
  ctx: MutationCtx,
  scope: Scope,
  agentIds: readonly string[],
  only: { status?: Doc<"agents">["status"]; cursor?: string },
): Promise<Doc<"agents">[]> {
  checkCount("agentIds", agentIds.length, MAX_IDS);
  const rows: Doc<"agents">[] = [];
  // A cursor that is not among these ids is of an earlier selection, so none of these has been handled.
  const from = only.cursor === undefined
    ? 0
    : agentIds.indexOf(only.cursor) + 1;
  for (const agentId of new Set(agentIds.slice(from))) {
    const row = await findAgent(ctx, scope, agentId);
    if (row === null || row.status !== (only.status ?? row.status)) continue;
    // One row more than allowed shows that there are others.
    if (rows.push(row) > MAX_AGENTS) break;
  }
  return rows;
}

function withStatus(
  ctx: MutationCtx,
  scope: Scope,
  status: Doc<"agents">["status"] | undefined,
): Promise<Doc<"agents">[]> {
  return ctx.db.query("agents")
    .withIndex("by_tenant_status", (q) => {
      const mine = q.eq("tenantId", scope.tenantId);
      return status === undefined ? mine : mine.eq("status", status);
    })
    .take(MAX_AGENTS + 1);
}
