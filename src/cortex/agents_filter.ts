/** Filters of agents as arguments of backend functions. */
import type { CallArgs } from "./calls.ts";
import { picker } from "./pick.ts";
import type { AgentFilters } from "./types/agents.ts";

const conditionsOf = picker<
  Omit<AgentFilters, "limit" | "offset" | "metadata">
>({
  tenantId: true,
  name: true,
  capabilities: true,
  capabilitiesMatch: true,
  status: true,
  registeredAfter: true,
  registeredBefore: true,
  lastActiveAfter: true,
  lastActiveBefore: true,
  sortBy: true,
  sortOrder: true,
});

/** The conditions and the order of filters, as arguments. */
export function filterArgs(filters: AgentFilters): CallArgs {
  return { ...conditionsOf(filters), metadata: filters.metadata };
}
