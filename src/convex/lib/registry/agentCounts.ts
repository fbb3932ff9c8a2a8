/** Counters of agents by status. */
import {
  counterKey,
  countIn,
  countOf,
  countOut,
  type LateCounter,
  tableCounters,
} from "../counters.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

type Status = Doc<"agents">["status"];
type Counted = Pick<Doc<"agents">, "tenantId" | "agentId" | "status">;

/** Adds a new agent, or an agent's new status, to the counters. */
export async function countAgent(
  ctx: MutationCtx,
  { tenantId, agentId, status }: Counted,
): Promise<void> {
  await countIn(ctx, counterOf(ctx, tenantId, status), agentId);
}

/** Removes a deleted agent, or an agent's old status, from the counters. */
export async function uncountAgent(
  ctx: MutationCtx,
  { tenantId, agentId, status }: Counted,
): Promise<void> {
  await countOut(ctx, counterOf(ctx, tenantId, status), [agentId]);
}

/** Number of agents with a status; undefined if an older version has not counted them. */
export async function keptAgents(
  ctx: QueryCtx,
  { tenantId }: Scope,
  status: Status,
): Promise<number | undefined> {
  return await countOf(ctx, counterOf(ctx, tenantId, status));
}

function counterOf(
  ctx: QueryCtx,
  tenantId: string | undefined,
  status: Status,
): LateCounter {
  return {
    group: tableCounters({ tenantId }, "agents"),
    key: counterKey("agents", { status }),
    rows: (most) =>
      ctx.db.query("agents")
        .withIndex(
          "by_tenant_status",
          (q) => q.eq("tenantId", tenantId).eq("status", status),
        )
        .take(most),
  };
}
