import { AGENTS_A_CALL } from "../limits.ts";
import { AgentCascadeDeletionError } from "../../errors.ts";
import { eraseAgent, unregisterAgent } from "./agents_erase.ts";
import {
  type AgentRow,
  AgentsReader,
  chosenAgents,
  withStats,
} from "./agents_reader.ts";
import {
  checkConfigure,
  checkRegister,
  checkUnregister,
  checkUnregisterMany,
  checkUpdate,
  checkUpdateMany,
} from "./agents_rules.ts";
import type { CallArgs } from "../calls/calls.ts";
import { asOne } from "../calls/deadline.ts";
import { eraseEach } from "../calls/erase.ts";
import { firstChoice } from "../calls/first_choice.ts";
import { combineSteps } from "../calls/in_steps.ts";
import { type KeyedControls, partOf } from "../calls/idempotency.ts";
import type {
  AgentFilters,
  AgentRegistration,
  AgentUpdates,
  RegisteredAgent,
  UnregisterAgentOptions,
  UnregisterAgentResult,
} from "../types/agents.ts";
import type { ProgressControls, WriteControls } from "../types/common.ts";

/**
 * Registry of agents: registration, statistics, and erasure of everything an agent stored.
 *
 * Every method rejects with `AgentValidationError` before anything is sent if an argument is wrong.
 */
export class AgentsAPI extends AgentsReader {
  /**
   * Registers an agent.
   *
   * @throws {ConvexError} `AGENT_ALREADY_REGISTERED`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const agent = await cortex.agents.register({ id: "helper", name: "Helper" });
   * assertEquals([agent.status, agent.stats?.totalMemories], ["active", 0]);
   * ```
   */
  async register(
    agent: AgentRegistration,
    controls?: WriteControls,
  ): Promise<RegisteredAgent> {
    const { id, ...args } = checkRegister({ agent }).agent;
    return await this.#change(
      "agents:register",
      { agentId: id, ...args },
      controls,
    );
  }

  /**
   * Changes the given fields; metadata and config are replaced as a whole.
   *
   * @throws {ConvexError} `AGENT_NOT_REGISTERED`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({ id: "helper", name: "Helper" });
   * const agent = await cortex.agents.update("helper", { status: "inactive" });
   * assertEquals(agent.status, "inactive");
   * ```
   */
  async update(
    agentId: string,
    updates: AgentUpdates,
    controls?: WriteControls,
  ): Promise<RegisteredAgent> {
    const changes = checkUpdate({ agentId, updates }).updates;
    return await this.#change(
      "agents:update",
      { agentId, ...changes },
      controls,
    );
  }

  /**
   * Replaces the config.
   *
   * @throws {ConvexError} `AGENT_NOT_REGISTERED`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({ id: "helper", name: "Helper" });
   * await cortex.agents.configure("helper", { temperature: 0.2 });
   * assertEquals((await cortex.agents.get("helper"))?.config, { temperature: 0.2 });
   * ```
   */
  async configure(
    agentId: string,
    config: Record<string, unknown>,
    controls?: WriteControls,
  ): Promise<void> {
    await this.calls.mutation(
      "agents:update",
      { agentId, config },
      controls,
      checkConfigure,
    );
  }

  /**
   * Removes a registration. With `cascade` it also irrevocably erases what the agent stored in every space of the
   * tenant, whether the agent is registered or not: conversations, memories (except a user's own words), and facts with
   * their history.
   *
   * Works in steps of bounded size. A failure rejects with `AgentCascadeDeletionError`; what was erased stays erased,
   * and repeating the call does the rest; so does the deployment, after ten minutes. Stop the agent's writes first: what
   * comes after the last step stays. Without `cascade`, an unknown agent rejects with `AGENT_NOT_REGISTERED`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({ id: "helper", name: "Helper" });
   * const { totalDeleted } = await cortex.agents.unregister("helper", { cascade: true });
   * assertEquals(totalDeleted, 1);
   * ```
   */
  async unregister(
    agentId: string,
    options?: UnregisterAgentOptions & WriteControls & ProgressControls,
  ): Promise<UnregisterAgentResult> {
    options ??= {};
    checkUnregister({ agentId, options });
    const remove = options.cascade ? eraseAgent : unregisterAgent;
    return await remove(this.calls, { agentId }, options, options);
  }

  /**
   * Unregisters every agent that matches the filters; an empty `name`, which every name contains, is refused. With
   * `cascade`, a failed erasure does not stop the others: once all were tried, it rejects with
   * `AgentCascadeDeletionError`. Repeated with the same idempotency key, it unregisters the agents that the first call
   * chose, whatever the filters match by then.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({ id: "helper", name: "Helper" });
   * const { agentIds } = await cortex.agents.unregisterMany({ name: "help" });
   * assertEquals(agentIds, ["helper"]);
   * ```
   */
  async unregisterMany(
    filters: AgentFilters,
    options?: UnregisterAgentOptions & WriteControls & ProgressControls,
  ): Promise<
    { deleted: number; agentIds: string[]; totalDataDeleted?: number }
  > {
    options ??= {};
    const known = checkUnregisterMany({ filters, options }).filters;
    const { tenantId } = filters;
    return await asOne(options, async (each) => {
      let agentIds = await this.#select(known, each);
      if (each.dryRun) return { deleted: 0, agentIds };
      const erased = each.cascade && await eraseEach(
        agentIds,
        each,
        (agentId, controls) =>
          eraseAgent(this.calls, { agentId, tenantId }, each, controls),
        AgentCascadeDeletionError,
      );
      if (!erased) {
        agentIds = await this.#inBatches(
          "agents:unregisterMany",
          agentIds,
          { tenantId },
          each,
        );
      }
      return {
        deleted: agentIds.length,
        agentIds,
        ...erased && erased[0] && {
          totalDataDeleted: combineSteps(erased, ["totalDeleted"]).totalDeleted,
        },
      };
    }, filters);
  }

  /**
   * Changes every agent that matches the filters, as `update` does; 200 or 4 MiB per transaction.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.agents.register({ id: "helper", name: "Helper" });
   * const { updated } = await cortex.agents.updateMany({ status: "active" }, {
   *   status: "archived",
   * });
   * assertEquals(updated, 1);
   * ```
   */
  async updateMany(
    filters: AgentFilters,
    updates: AgentUpdates,
    controls?: WriteControls & ProgressControls,
  ): Promise<{ updated: number; agentIds: string[] }> {
    const known = checkUpdateMany({ filters, updates });
    const agentIds = await asOne(
      controls,
      async (each) =>
        await this.#inBatches(
          "agents:updateMany",
          await this.#select(known.filters, each),
          { ...known.updates, tenantId: filters.tenantId },
          each,
        ),
      [filters, updates],
    );
    return { updated: agentIds.length, agentIds };
  }

  async #change(
    name: string,
    args: CallArgs,
    controls: WriteControls | undefined,
  ): Promise<RegisteredAgent> {
    return await asOne(controls, async (each) => {
      const row = await this.calls.mutation<AgentRow>(
        name,
        { ...args, includeStats: true },
        each,
      );
      return await withStats(this.calls, row, each.signal);
    });
  }

  async #select(
    filters: AgentFilters,
    controls: KeyedControls,
  ): Promise<string[]> {
    const { calls } = this;
    const { signal } = controls;
    const { limit } = filters;
    const { rows } = await chosenAgents(calls, filters, limit, { signal });
    return await firstChoice(calls, rows, filters, controls);
  }

  async #inBatches(
    name: string,
    agentIds: readonly string[],
    args: CallArgs,
    controls: KeyedControls & ProgressControls,
  ): Promise<string[]> {
    const changed: string[] = [];
    for (let at = 0; at < agentIds.length; at += AGENTS_A_CALL) {
      const part = await this.calls.whole<{ agentIds: string[] }>(
        { kind: "mutation", name, parts: ["agentIds"] },
        { ...args, agentIds: agentIds.slice(at, at + AGENTS_A_CALL) },
        partOf(controls, at),
      );
      changed.push(...part.agentIds);
    }
    return changed;
  }
}
