/** The history of facts: what happened to them, when and why. */
import { INVALID_METADATA, present, text } from "../rules/rule_words.ts";
import { activityOf } from "./fact_activity.ts";
import { asOne } from "../calls/deadline.ts";
import { FactHistoryReader } from "./fact_history_reader.ts";
import { type Check, FORMAT, object } from "../rules/rules.ts";
import { action, checkChanges, checkHistory } from "./fact_history_rules.ts";
import {
  confidence,
  date,
  factId,
  facts,
  paging,
  required,
  space,
} from "./fact_rule_words.ts";
import { flags, ofTenant, texts, toMs } from "../rules/field_rules.ts";
import { partOf } from "../calls/idempotency.ts";
import type { CallControls, WriteControls } from "../types/common.ts";
import type {
  ActionCounts,
  FactChangeEvent,
  LogEventParams,
} from "../types/fact_history.ts";

/** Events that `purgeOldEvents` removes without a limit. */
const PURGED_EVENTS = 1000;

/** What one step of `purgeOldEvents` answers. */
interface Purged {
  deleted: number;
  remaining: number;
}

/** `log` */
const checkEvent = facts([
  space,
  factId(),
  ["action", action],
  ["confidence?", ...confidence],
  ["pipeline?", object(INVALID_METADATA)],
  ...flags(
    FORMAT,
    "pipeline.slotMatching?",
    "pipeline.semanticMatching?",
    "pipeline.subjectTypeMatching?",
    "pipeline.llmResolution?",
  ),
  ofTenant,
  ...texts(
    "oldValue?",
    "newValue?",
    "supersededBy?",
    "supersedes?",
    "reason?",
    "userId?",
    "participantId?",
    "conversationId?",
  ),
]);

/** `deleteByUserId` */
const checkUser = facts([required("userId")]);

/** `deleteByMemorySpace` */
const checkSpace = facts([space]);

/** `purgeOldEvents` */
const checkPurge = facts([
  ["memorySpaceId?", text()],
  ["olderThan", present(), date],
  ...paging,
]);

/**
 * Reads and clears the history of facts, over a client or the context of a `Cortex`.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { FactHistoryService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const history = new FactHistoryService(cortex.getClient());
 * await history.log({ memorySpaceId: "support", factId: "fact-1", action: "CREATE" });
 * assertEquals((await history.countByAction("support")).total, 1);
 * const monthAgo = new Date(Date.now() - 30 * 86_400_000);
 * assertEquals(await history.purgeOldEvents(monthAgo, "support"), { deleted: 0, remaining: 0 });
 * ```
 *
 * @example Looking at the history, and erasing it
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { FactHistoryService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const history = new FactHistoryService(cortex.getClient());
 * const { eventId } = await history.log({ memorySpaceId: "home", factId: "fact-1", action: "CREATE" });
 * assertEquals((await history.getEvent(eventId))?.action, "CREATE");
 * assertEquals((await history.getHistory("fact-1", 10)).length, 1);
 * await history.deleteByFactId("fact-1");
 * await history.deleteByUserId("mia");
 * assertEquals(await history.deleteByMemorySpace("home"), { deleted: 0 });
 * ```
 */
export class FactHistoryService extends FactHistoryReader {
  /** Writes an event of your own, or again what another one says. */
  async log(
    params: LogEventParams,
    controls?: WriteControls,
  ): Promise<{ eventId: string }> {
    const { eventId } = await this.calls.mutation<{ eventId: string }>(
      "factHistory:logEvent",
      { ...params },
      controls,
      checkEvent,
    );
    return { eventId };
  }

  /**
   * Lists the events of a fact, including those in which it superseded another, newest first; 100 unless `limit` says
   * otherwise.
   */
  async getHistory(
    factId: string,
    limit?: number,
    controls?: CallControls,
  ): Promise<FactChangeEvent[]> {
    return await this.history(factId, limit, controls);
  }

  /** Gets one event, or null. */
  getEvent(
    eventId: string,
    controls?: CallControls,
  ): Promise<FactChangeEvent | null> {
    return this.calls.query(
      "factHistory:getEvent",
      { eventId },
      controls,
    );
  }

  /** Counts the events of a space by action. */
  async countByAction(
    memorySpaceId: string,
    after?: Date,
    before?: Date,
    controls?: CallControls,
  ): Promise<ActionCounts & { total: number }> {
    checkChanges({ memorySpaceId, after, before });
    const { actionCounts, total } = await activityOf(this.calls, {
      memorySpaceId,
      after: toMs(after),
      before: toMs(before),
    }, controls);
    return { ...actionCounts, total };
  }

  /** Removes the events of a fact. */
  async deleteByFactId(
    factId: string,
    controls?: WriteControls,
  ): Promise<{ deleted: number }> {
    return await this.#clear(
      "deleteByFactId",
      { factId },
      controls,
      checkHistory,
    );
  }

  /** Removes the events of a user. */
  async deleteByUserId(
    userId: string,
    controls?: WriteControls,
  ): Promise<{ deleted: number }> {
    return await this.#clear(
      "deleteByUserId",
      { userId },
      controls,
      checkUser,
    );
  }

  /** Removes the events of a space. */
  async deleteByMemorySpace(
    memorySpaceId: string,
    controls?: WriteControls,
  ): Promise<{ deleted: number }> {
    return await this.#clear(
      "deleteByMemorySpace",
      { memorySpaceId },
      controls,
      checkSpace,
    );
  }

  /**
   * Removes the oldest events from before a given time, of one space or of all of the tenant, 1,000 in a transaction.
   * Returns how many it deleted, and how many such events remain: counted up to 8,000.
   *
   * @param limit Most events. Default: 1,000.
   */
  async purgeOldEvents(
    olderThan: Date,
    memorySpaceId?: string,
    limit: number = PURGED_EVENTS,
    controls?: WriteControls,
  ): Promise<{ deleted: number; remaining: number }> {
    checkPurge({ olderThan, memorySpaceId, limit });
    const before = toMs(olderThan);
    return await asOne(controls, async (each) => {
      let deleted = 0;
      for (let at = 0;; at++) {
        const step = await this.calls.mutation<Purged>(
          "factHistory:purgeOldEvents",
          { olderThan: before, memorySpaceId, limit: limit - deleted },
          partOf(each, at),
        );
        deleted += step.deleted;
        const isLast = step.deleted === 0 || step.remaining === 0 ||
          deleted >= limit;
        if (isLast) return { deleted, remaining: step.remaining };
      }
    });
  }

  #clear(
    name: string,
    args: { [name: string]: string },
    controls: WriteControls | undefined,
    check: Check,
  ): Promise<{ deleted: number }> {
    return this.calls.whole(
      { kind: "mutation", name: `factHistory:${name}`, parts: ["deleted"] },
      args,
      controls,
      check,
    );
  }
}
