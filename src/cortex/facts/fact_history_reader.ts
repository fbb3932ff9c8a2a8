/** Read operations on the history of facts. */
import { ApiModule } from "../calls/api_module.ts";
import {
  checkActivity,
  checkChanges,
  checkHistory,
} from "./fact_history_rules.ts";
import { type Ends, wholeChain } from "./fact_chain.ts";
import { LISTED_CHANGES } from "../limits.ts";
import { toMs } from "../rules/field_rules.ts";
import { activityOf } from "./fact_activity.ts";
import { type PageStep, readPages } from "../calls/paging.ts";
import type { CallControls } from "../types/common.ts";
import type {
  ActivitySummary,
  ChangeFilter,
  FactChangeEvent,
  SupersessionChainEntry,
} from "../types/fact_history.ts";

const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;

/** A step of a list of changes. */
interface ChangesStep extends PageStep {
  /** Rows of the page. */
  rows: FactChangeEvent[];
}

/** The methods of `cortex.facts` that read the history of facts. */
export class FactHistoryReader extends ApiModule {
  /**
   * Lists what happened to a fact, including when it superseded another; newest first.
   *
   * @param limit Most events. Default: 100. Looks at the newest 4,000 of its own and as many in which it superseded
   * another.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { factId } = await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "The office closes at five",
   *   factType: "knowledge",
   *   confidence: 70,
   *   sourceType: "manual",
   * });
   * const [event] = await cortex.facts.history(factId);
   * assertEquals(event?.action, "CREATE");
   * ```
   */
  async history(
    factId: string,
    limit?: number,
    controls?: CallControls,
  ): Promise<FactChangeEvent[]> {
    const args = checkHistory({ factId, limit });
    if (limit === 0) return [];
    return await this.calls.query("factHistory:getHistory", args, controls);
  }

  /**
   * Lists what happened to the facts of a space, newest first.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const changes = await cortex.facts.getChanges({
   *   memorySpaceId: "support",
   *   action: "SUPERSEDE",
   *   after: new Date(0),
   * });
   * assertEquals(changes, []);
   * ```
   */
  async getChanges(
    filter: ChangeFilter,
    controls?: CallControls,
  ): Promise<FactChangeEvent[]> {
    const args = checkChanges({ ...filter });
    if (filter.limit === 0) return [];
    const { limit = LISTED_CHANGES, offset } = filter;
    const { rows } = await readPages<ChangesStep, FactChangeEvent>(this.calls, {
      name: "factHistory:page",
      rows: ({ rows }) => rows,
      args: { ...args, after: toMs(filter.after), before: toMs(filter.before) },
      offset,
      limit,
      counts: false,
    }, controls);
    return rows;
  }

  /**
   * Gets the chain of facts superseding one another that a fact belongs to, oldest first: one entry for a fact that
   * superseded nothing, `[]` for an unknown one. One request covers 600 in either direction; longer chains take more.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.facts.getSupersessionChain("fact-1"), []);
   * ```
   */
  async getSupersessionChain(
    factId: string,
    controls?: CallControls,
  ): Promise<SupersessionChainEntry[]> {
    checkHistory({ factId });
    return await wholeChain(factId, controls, async (place, each) => {
      const { links, ...ends } = await this.calls.query<
        Ends & { links: SupersessionChainEntry[] }
      >("factHistory:chainPage", { ...place }, each);
      return { ...ends, parts: links };
    });
  }

  /**
   * Counts what happened to the facts of a space in the last hours. One request for every 8,000 events.
   *
   * @param hours Above 0, also a fraction. Default: 24.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { timeRange, totalEvents } = await cortex.facts.getActivitySummary("support", 48);
   * assertEquals([timeRange.hours, totalEvents], [48, 0]);
   * ```
   */
  async getActivitySummary(
    memorySpaceId: string,
    hours: number = DAY_HOURS,
    controls?: CallControls,
  ): Promise<ActivitySummary> {
    const { until, total, actionCounts, facts, participants } =
      await activityOf(
        this.calls,
        { memorySpaceId, hours },
        controls,
        checkActivity,
      );
    const since = Math.max(0, until - hours * HOUR_MS);
    return {
      timeRange: {
        hours,
        since: new Date(since).toISOString(),
        until: new Date(until).toISOString(),
      },
      totalEvents: total,
      actionCounts,
      uniqueFactsModified: facts,
      activeParticipants: participants,
    };
  }
}
