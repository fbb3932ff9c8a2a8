/** Filters of agents as arguments of backend functions. */
import { picker } from "../calls/picker.ts";
import type { AgentFilters } from "../types/agents.ts";

type Conditions = Omit<AgentFilters, "limit" | "offset">;

/** The conditions and the order of filters, as arguments. */
export const filterArgs: (filters: Conditions) => Conditions = picker<
  Conditions
>({
  tenantId: true,
  name: true,
  capabilities: true,
  capabilitiesMatch: true,
  metadata: true,
  status: true,
  registeredAfter: true,
  registeredBefore: true,
  lastActiveAfter: true,
  lastActiveBefore: true,
  sortBy: true,
  sortOrder: true,
});
