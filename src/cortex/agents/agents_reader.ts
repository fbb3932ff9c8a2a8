/** Read operations on agents. */
import { LISTED_AGENTS } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { checkAgentId, checkExport, checkFilters } from "./agents_rules.ts";
import type { Calls } from "../calls/calls.ts";
import { within } from "../calls/deadline.ts";
import { exportText } from "../calls/exports.ts";
import { type PageStep, readPages } from "../calls/paging.ts";
import type {
  AgentFilters,
  AgentStats,
  ExportAgentsOptions,
  ExportAgentsResult,
  RegisteredAgent,
} from "../types/agents.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";

/** An agent as the backend returns it. */
export type AgentRow = Omit<RegisteredAgent, "id"> & {
  /** The row's id. */
  _id: string;
  /** The agent's id. */
  agentId: string;
};

/** A step of a list of agents. */
interface AgentStep extends PageStep {
  /** Agents of the page. */
  agents: AgentRow[];
}

/** An agent as callers see it, whose id is called `id`. */
function toAgent({ _id, agentId, ...agent }: AgentRow): RegisteredAgent {
  return { id: agentId, ...agent };
}

/** Returns an agent with its statistics. If the row's are only approximate, counts again in steps, to 10,000. */
export async function withStats(
  calls: Calls,
  row: AgentRow,
  signal: AbortSignal | undefined,
): Promise<RegisteredAgent> {
  const agent = toAgent(row);
  if (!agent.stats?.isApproximate) return agent;
  const stats = await calls.whole<AgentStats>(
    { kind: "query", name: "agents:computeStats" },
    { agentId: agent.id, tenantId: agent.tenantId },
    { signal },
  );
  return { ...agent, stats };
}

/** All agents that match the filters, or the first `limit` of them; with a limit of 0, their number. */
export async function chosenAgents(
  calls: Calls,
  { limit: _, offset, ...conditions }: AgentFilters,
  limit: number | undefined,
  controls: (CallControls & ProgressControls) | undefined,
): Promise<{ rows: RegisteredAgent[]; total: number }> {
  return await readPages<AgentStep, RegisteredAgent>(calls, {
    name: "agents:page",
    rows: ({ agents }) => agents.map(toAgent),
    args: conditions,
    offset: limit === 0 ? 0 : offset,
    // Only pages are sorted, so an order, or an offset in it, needs a limit.
    limit: offset || conditions.sortBy ? limit ?? Infinity : limit,
    counts: limit === 0,
  }, controls);
}

/** The reading methods of `cortex.agents`. */
export class AgentsReader extends ApiModule {
  /**
   * Gets a registered agent with its statistics; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.agents.get("unknown"), null);
   * ```
   */
  async get(
    agentId: string,
    controls?: CallControls,
  ): Promise<RegisteredAgent | null> {
    checkAgentId({ agentId });
    const { calls } = this;
    return await within(controls, async (signal) => {
      const row = await calls.query<AgentRow | null>(
        "agents:get",
        { agentId, includeStats: true },
        { signal },
      );
      return row === null ? null : await withStats(calls, row, signal);
    });
  }

  /**
   * Returns whether an agent is registered.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.agents.exists("unknown"), false);
   * ```
   */
  exists(agentId: string, controls?: CallControls): Promise<boolean> {
    return this.calls.query(
      "agents:exists",
      { agentId },
      controls,
      checkAgentId,
    );
  }

  /**
   * Lists agents that match the filters, newest first unless sorted otherwise.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({
   *   id: "helper",
   *   name: "Helper",
   *   metadata: { capabilities: ["print", "scan"] },
   * });
   * const agents = await cortex.agents.list({ capabilities: ["scan"] });
   * assertEquals(agents.map(({ id }) => id), ["helper"]);
   * ```
   */
  async list(
    filters: AgentFilters = {},
    controls?: CallControls,
  ): Promise<RegisteredAgent[]> {
    const known = checkFilters({ filters: filters ?? {} }).filters;
    const limit = known.limit ?? LISTED_AGENTS;
    return (await chosenAgents(this.calls, known, limit, controls)).rows;
  }

  /**
   * Same as `list`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.agents.search({ name: "help" }), []);
   * ```
   */
  async search(
    filters?: AgentFilters,
    controls?: CallControls,
  ): Promise<RegisteredAgent[]> {
    return await this.list(filters, controls);
  }

  /**
   * Counts the agents that match the filters, ignoring limit and offset.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.agents.count({ status: "active" }), 0);
   * ```
   */
  async count(
    filters: AgentFilters = {},
    controls?: CallControls,
  ): Promise<number> {
    const known = checkFilters({ filters: filters ?? {} }).filters;
    return (await chosenAgents(this.calls, known, 0, controls)).total;
  }

  /**
   * Exports agents as JSON or CSV.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { data, count } = await cortex.agents.export({
   *   format: "csv",
   *   includeMetadata: false,
   * });
   * assertEquals(data, "id,name,description,status,registeredAt,updatedAt,lastActive");
   * assertEquals(count, 0);
   * ```
   */
  async export(
    options: ExportAgentsOptions,
    controls?: CallControls & ProgressControls,
  ): Promise<ExportAgentsResult> {
    const known = checkExport({ options, filters: options?.filters ?? {} });
    return await exportText(this.calls, "agents:export", {
      ...known.filters,
      ...known.options,
    }, controls);
  }
}
