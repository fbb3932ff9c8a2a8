/** Counters of agents by status. */
import {
  counterKey,
  countIn,
  countOut,
  readCounter,
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
  const [group, key] = counterOf({ tenantId }, status);
  await countIn(
    ctx,
    group,
    key,
    agentId,
    async () => (await withStatus(ctx, tenantId, status, 2)).length === 1,
  );
}

/** Removes a deleted agent, or an agent's old status, from the counters. */
export async function uncountAgent(
  ctx: MutationCtx,
  { tenantId, agentId, status }: Counted,
): Promise<void> {
  await countOut(ctx, ...counterOf({ tenantId }, status), [agentId]);
}

/** Number of agents with a status; undefined if an older version has not counted them. */
export async function keptAgents(
  ctx: QueryCtx,
  { tenantId }: Scope,
  status: Status,
): Promise<number | undefined> {
  const count = await readCounter(ctx, ...counterOf({ tenantId }, status));
  const isKept = count > 0 ||
    (await withStatus(ctx, tenantId, status, 1)).length === 0;
  return isKept ? count : undefined;
}

function counterOf(
  tenant: Pick<Counted, "tenantId">,
  status: Status,
): [group: string, key: string] {
  return [tableCounters(tenant, "agents"), counterKey("agents", { status })];
}

function withStatus(
  ctx: QueryCtx,
  tenantId: string | undefined,
  status: Status,
  most: number,
): Promise<Doc<"agents">[]> {
  return ctx.db.query("agents")
    .withIndex(
      "by_tenant_status",
      (q) => q.eq("tenantId", tenantId).eq("status", status),
    )
    .take(most);
}
