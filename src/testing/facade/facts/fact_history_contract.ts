/** `facts`: supersession, history, and tenants. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import { actionsOf, factOf, ids, storeFact, texts } from "./fact_support.ts";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const space = { memorySpaceId: "space" };
const count = (cortex: Cortex, more: object = {}) =>
  cortex.facts.count({ ...space, ...more });

/** Cases of supersession and history. */
export const factHistoryContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.supersede() links two facts; the old one ends, both ends see the event",
    async (cortex) => {
      const old = await storeFact(cortex, {
        sourceRef: { conversationId: "c-1" },
        userId: "ada",
        participantId: "crawler",
      });
      const fact = await storeFact(cortex, { fact: "Ada works at Zenith" });
      const args = {
        ...space,
        oldFactId: old.factId,
        newFactId: fact.factId,
        reason: "She moved on",
      };
      const result = {
        superseded: true,
        oldFactId: old.factId,
        newFactId: fact.factId,
      };
      assertEquals(await cortex.facts.supersede(args), result);
      assertEquals(await cortex.facts.supersede(args), result);
      const before = (await cortex.facts.get("space", old.factId))!;
      assertEquals(
        [before.supersededBy, before.version],
        [fact.factId, 1],
      );
      assert(before.validUntil! <= Date.now());
      const [now, ...others] = await cortex.facts.list(space);
      assertEquals([now?.factId, others], [fact.factId, []]);
      assertEquals([now?.supersedes, now?.validUntil], [old.factId, undefined]);
      const [event] = await cortex.facts.history(old.factId);
      const { eventId, timestamp, ...rest } = event!;
      assert(eventId.startsWith("fh-") && timestamp > 0);
      assertEquals(rest, {
        ...space,
        factId: old.factId,
        action: "SUPERSEDE",
        oldValue: old.fact,
        newValue: fact.fact,
        supersededBy: fact.factId,
        supersedes: old.factId,
        reason: "She moved on",
        confidence: 80,
        userId: "ada",
        participantId: "crawler",
        conversationId: "c-1",
      });
      assertEquals(await actionsOf(cortex, fact.factId), [
        "SUPERSEDE",
        "CREATE",
      ]);
      const last = await storeFact(cortex, { fact: "Ada retired" });
      await cortex.facts.supersede({
        ...space,
        oldFactId: fact.factId,
        newFactId: last.factId,
      });
      const chain = await cortex.facts.getSupersessionChain(fact.factId);
      assertEquals(
        chain.map(({ factId, supersededBy, reason }) => [
          factId,
          supersededBy,
          reason,
        ]),
        [
          [old.factId, fact.factId, "She moved on"],
          [fact.factId, last.factId, "Manual supersession"],
          [last.factId, null, undefined],
        ],
      );
      assertEquals(chain[0]!.timestamp, timestamp);
      const circle = { ...space, newFactId: old.factId };
      const refused = "INVALID_UPDATE";
      await assertCode(
        () => cortex.facts.supersede({ ...circle, oldFactId: last.factId }),
        refused,
      );
      await assertCode(
        () => cortex.facts.supersede({ ...circle, oldFactId: old.factId }),
        refused,
      );
    },
  ),
  cortexCase(
    "facts.supersede() names the fact that is not there",
    async (cortex) => {
      const { factId } = await storeFact(cortex);
      const other = await storeFact(cortex, { memorySpaceId: "other" });
      const supersede = (oldFactId: string, newFactId: string) => () =>
        cortex.facts.supersede({ ...space, oldFactId, newFactId });
      await assertCode(supersede("fact-x", factId), "OLD_FACT_NOT_FOUND");
      await assertCode(supersede(factId, "fact-x"), "NEW_FACT_NOT_FOUND");
      await assertCode(
        supersede(factId, other.factId),
        "FACTS_MUST_BE_IN_SAME_SPACE",
      );
      const deleted = await storeFact(cortex);
      await cortex.facts.delete("space", deleted.factId);
      await assertCode(
        supersede(factId, deleted.factId),
        "NEW_FACT_NOT_FOUND",
      );
      const [left] = await cortex.facts.list(space);
      assertEquals(left?.factId, factId);
    },
  ),
  cortexCase(
    "facts.getChanges() and getActivitySummary() tell of a space by time and action",
    async (cortex) => {
      const first = await storeFact(cortex, { participantId: "crawler" });
      await pause(3);
      const second = await storeFact(cortex, { userId: "ada" });
      await cortex.facts.delete("space", first.factId);
      await storeFact(cortex, { memorySpaceId: "other" });
      const changes = async (more: object = {}) =>
        (await cortex.facts.getChanges({ ...space, ...more }))
          .map(({ action, factId }) => [action, factId]);
      const created = ["CREATE", first.factId];
      const all = [
        ["DELETE", first.factId],
        ["CREATE", second.factId],
        created,
      ];
      assertEquals(await changes(), all);
      assertEquals(await changes({ limit: 1 }), all.slice(0, 1));
      assertEquals(await changes({ limit: 1, offset: 1 }), all.slice(1, 2));
      assertEquals(await changes({ limit: 0 }), []);
      assertEquals(await changes({ action: "CREATE" }), all.slice(1));
      const at = new Date(first.createdAt);
      assertEquals(await changes({ before: at }), [created]);
      assertEquals(await changes({ after: at, before: at }), [created]);
      assertEquals(await changes({ after: new Date(Date.now() + 1e6) }), []);
      assertEquals(await cortex.facts.history(first.factId, 0), []);
      assertEquals((await cortex.facts.history(first.factId, 1)).length, 1);
      const { timeRange, ...numbers } = await cortex.facts
        .getActivitySummary("space", 48);
      assertEquals(timeRange.hours, 48);
      assertEquals(
        Date.parse(timeRange.until) - Date.parse(timeRange.since),
        48 * 3_600_000,
      );
      assertEquals(numbers, {
        totalEvents: 3,
        actionCounts: { CREATE: 2, UPDATE: 0, SUPERSEDE: 0, DELETE: 1 },
        uniqueFactsModified: 2,
        activeParticipants: 2,
      });
      const usual = await cortex.facts.getActivitySummary("space");
      assertEquals(usual.timeRange.hours, 24);
      const single = await cortex.facts.getSupersessionChain(second.factId);
      assertEquals(single, [{
        factId: second.factId,
        supersededBy: null,
        timestamp: second.createdAt,
      }]);
      assertEquals(await cortex.facts.getSupersessionChain("fact-x"), []);
    },
  ),
  cortexCase(
    "facts.getSupersessionChain() tells when and why a version took another's place, whatever became of both",
    async (cortex) => {
      const { facts } = cortex;
      const { factId } = await storeFact(cortex, { confidence: 10 });
      const { fact } = await facts.storeWithDedup(factOf({ confidence: 20 }), {
        deduplication: "exact",
      });
      const chain = () => facts.getSupersessionChain(factId);
      const before = await chain();
      assertEquals(
        before.map(({ supersededBy, reason }) => [
          supersededBy,
          reason,
        ]),
        [
          [fact.factId, "Repeated with higher confidence"],
          [null, undefined],
        ],
      );
      for (const confidence of [30, 40, 50, 60, 70]) {
        const { memorySpaceId, ...known } = factOf({ confidence });
        const revised = await facts.revise({ memorySpaceId, fact: known });
        assertEquals(revised.action, "UPDATE");
      }
      await facts.delete("space", factId);
      assertEquals(await chain(), before);
    },
  ),
  tenantsCase(
    "facts.* of one tenant know nothing of another's",
    async (one, two) => {
      const fact = await storeFact(one);
      const { factId } = fact;
      const mine = await storeFact(two);
      assertEquals([fact.tenantId, mine.tenantId], ["a", "b"]);
      assertEquals(await two.facts.get("space", factId), null);
      assertEquals(ids(await two.facts.list(space)), [mine.factId]);
      assertEquals(await count(two), 1);
      const missing = "FACT_NOT_FOUND";
      const { facts } = two;
      await assertCode(
        () => facts.update("space", factId, { confidence: 1 }),
        missing,
      );
      await assertCode(() => facts.delete("space", factId), missing);
      await assertCode(
        () =>
          facts.supersede({
            ...space,
            oldFactId: factId,
            newFactId: mine.factId,
          }),
        "OLD_FACT_NOT_FOUND",
      );
      const check = await facts.checkConflicts({ ...space, fact: factOf() });
      assertEquals(check.slotConflicts.map(({ tenantId }) => tenantId), ["b"]);
      assertEquals(await facts.getHistory("space", factId), []);
      assertEquals(await facts.history(factId), []);
      assertEquals(await facts.getSupersessionChain(factId), []);
      assertEquals((await facts.getChanges(space)).length, 1);
      assertEquals((await facts.deleteMany(space)).deleted, 1);
      assertEquals(await one.facts.list(space), [fact]);
    },
  ),
  cortexCase(
    "without auth facts are of the tenant that a call names",
    async (cortex) => {
      const named = await storeFact(cortex, { tenantId: "c" });
      assertEquals(named.tenantId, "c");
      assertEquals(await count(cortex), 0);
      assertEquals(await count(cortex, { tenantId: "c" }), 1);
      assertEquals(
        texts(await cortex.facts.list({ ...space, tenantId: "c" })),
        [named.fact],
      );
    },
  ),
];
