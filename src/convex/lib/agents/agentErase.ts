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
import { StepBudget } from "../paging/walk.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";

/** Most ids that one mutation looks up. */
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
 * Deletes registrations by id or by status, 200 or 4 MiB per call. Unknown ids are skipped, so repeating the call continues.
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
  const chosen = await inPart(
    agentIds === undefined
      ? withStatus(ctx, scope, status)
      : named(ctx, scope, agentIds, { status, cursor }),
  );
  for (const row of chosen.rows) await deleteAgent(ctx, scope, row);
  return { deleted: chosen.rows.length, ...changed(chosen) };
}

/** Changes registered agents by their ids, 200 or 4 MiB per call; unknown ids are skipped. */
export async function updateAgents(
  ctx: MutationCtx,
  scope: Scope,
  agentIds: readonly string[],
  changes: AgentChanges & { cursor?: string },
): Promise<Changed & { updated: number }> {
  const { cursor, ...more } = changes;
  const chosen = await inPart(
    named(ctx, scope, agentIds, { cursor }),
    sizeOf(more),
  );
  for (const row of chosen.rows) await patchAgent(ctx, scope, row, changes);
  return { updated: chosen.rows.length, ...changed(chosen) };
}

/** The result of a step, and the agent after which the next one continues. */
interface Changed {
  agentIds: string[];
  done: boolean;
  cursor?: string;
}

function changed({ rows, done }: Part): Changed {
  const agentIds = rows.map((row) => row.agentId);
  return done
    ? { agentIds, done }
    : { agentIds, done, cursor: agentIds.at(-1)! };
}

/** The agents that one mutation changes. */
interface Part {
  rows: Doc<"agents">[];
  /** Whether there are no others. */
  done: boolean;
}

/** The first agents, as many as one mutation changes; `bytes`: what is written to each. */
async function inPart(
  agents: AsyncIterable<Doc<"agents">>,
  bytes: number = 0,
): Promise<Part> {
  const rows: Doc<"agents">[] = [];
  const budget = new StepBudget();
  for await (const row of agents) {
    if (budget.isSpent) return { rows, done: false };
    budget.take(sizeOf(row) + bytes);
    rows.push(row);
  }
  return { rows, done: true };
}

/** Deletes every registration of the tenant, or those without a tenant: 200 or 4 MiB per call. */
export async function purgeAgents(
  ctx: MutationCtx,
  scope: Scope,
): Promise<{ deleted: number; done: boolean }> {
  const { rows, done } = await inPart(
    ctx.db.query("agents").withIndex(
      "by_tenant_registered",
      (q) => q.eq("tenantId", scope.tenantId),
    ),
  );
  for (const row of rows) await deleteAgent(ctx, scope, row);
  return { deleted: rows.length, done };
}

async function* named(
  ctx: MutationCtx,
  scope: Scope,
  agentIds: readonly string[],
  only: { status?: Doc<"agents">["status"]; cursor?: string },
): AsyncGenerator<Doc<"agents">> {
  checkCount("agentIds", agentIds.length, MAX_IDS);
  // A cursor that is not among these ids is of an earlier selection, so none of these has been handled.
  const from = only.cursor === undefined
    ? 0
    : agentIds.indexOf(only.cursor) + 1;
  for (const agentId of new Set(agentIds.slice(from))) {
    const row = await findAgent(ctx, scope, agentId);
    if (row === null || row.status !== (only.status ?? row.status)) continue;
    yield row;
  }
}

function withStatus(
  ctx: MutationCtx,
  scope: Scope,
  status: Doc<"agents">["status"] | undefined,
): AsyncIterable<Doc<"agents">> {
  return ctx.db.query("agents")
    .withIndex("by_tenant_status", (q) => {
      const mine = q.eq("tenantId", scope.tenantId);
      return status === undefined ? mine : mine.eq("status", status);
    });
}
