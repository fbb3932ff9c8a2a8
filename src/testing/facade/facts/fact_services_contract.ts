/** The services behind `facts`, over a client alone. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BeliefRevisionService,
  FactDeduplicationService,
  FactHistoryService,
  FactsAPI,
  SlotMatchingService,
} from "../../../cortex/facts/mod.ts";
import { ClientError } from "../../../errors.ts";
import { FactsAPI as FactsAlone } from "../../../cortex/facts_module.ts";
import { factOf, ids, temperature } from "./fact_support.ts";
import { cortexCase, type FacadeSubject, rejectionOf } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const BAD = "INVALID_ARGUMENT";

/** Cases of services over a client alone. */
export const factServicesContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts: the module and its services refuse what is no client, by name",
    async (cortex) => {
      for (const wrong of [cortex, "http://a.example", undefined, null]) {
        const makers = [
          () => new FactsAPI(wrong as never),
          () => new SlotMatchingService(wrong as never),
          () => new BeliefRevisionService(wrong as never),
          () => new FactHistoryService(wrong as never),
          () => new FactDeduplicationService(wrong as never),
        ];
        const says = "client must have query and mutation: got ";
        for (const make of makers) {
          const error = assertThrows(make, ClientError, says) as ClientError;
          assertEquals(error.code, BAD);
        }
        const { code, message } = await rejectionOf(() =>
          new FactsAlone(wrong as never).list({ memorySpaceId: "a" })
        );
        assertEquals([code, message.startsWith(says)], [BAD, true]);
      }
    },
  ),
  cortexCase(
    "facts: a service by itself refuses what is no fact, by name",
    async (cortex) => {
      const client = cortex.getClient();
      const slots = new SlotMatchingService(client);
      const beliefs = new BeliefRevisionService(client);
      const duplicates = new FactDeduplicationService(client);
      const wrong = undefined as never;
      const fact = {
        fact: "Ada lives in Bath",
        factType: "knowledge",
        confidence: 80,
      } as const;
      const exact = { strategy: "exact" } as const;
      const calls: [() => unknown, says: string][] = [
        [() => slots.getSlot(wrong), "fact must be an object: got undefined"],
        [
          () => slots.sameSlot({ subject: 5 as never }, {}),
          "subject must be a string: got number",
        ],
        [() => slots.findSlotConflicts(wrong, "space"), "fact must be an"],
        [
          () => beliefs.updateConfig({ semanticMatching: { threshold: 2 } }),
          "semanticMatching.threshold must be between 0 and 1",
        ],
        [() => beliefs.revise(wrong), "memorySpaceId is required"],
        [
          () => beliefs.revise({ memorySpaceId: "space", fact: wrong }),
          "fact is required",
        ],
        [
          () =>
            beliefs.checkConflicts({
              memorySpaceId: "space",
              fact: { ...fact, confidence: NaN },
            }),
          "fact.confidence is required and must be a number",
        ],
        [
          () => duplicates.findDuplicate(wrong, "space", exact),
          "candidate must be a fact, with its text: got undefined",
        ],
        [
          () => duplicates.findDuplicate(fact, "", exact),
          "memorySpaceId is required and cannot be empty",
        ],
        [
          () => duplicates.findDuplicate(fact, "space", wrong),
          "config must be an object with a strategy: got undefined",
        ],
        [
          () =>
            duplicates.findDuplicate(fact, "space", {
              strategy: "near" as "exact",
            }),
          "Invalid deduplication, must be false or of the strategy",
        ],
      ];
      for (const [call, says] of calls) {
        const error = await rejectionOf(async () => await call());
        assertEquals(error.name, "FactsValidationError", error.message);
        assertStringIncludes(error.message, says);
      }
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 0);
    },
  ),
  cortexCase(
    "facts: the module and its services work over a client alone",
    async (cortex) => {
      const client = cortex.getClient();
      const fact = await new FactsAPI(client).store(factOf({ userId: "ada" }));
      const slots = new SlotMatchingService(client);
      const job = {
        subject: "ADA",
        predicate: "employed by",
        object: "Zenith",
      };
      const conflicts = await slots.findSlotConflicts(job, "space");
      assertEquals(conflicts, {
        hasConflict: true,
        slot: { subject: "ada", predicateClass: "employment" },
        conflictingFacts: [fact],
      });
      const ofBob = await slots.findSlotConflicts(job, "space", "bob");
      assertEquals(ofBob.hasConflict, false);
      const off = new SlotMatchingService(client, { enabled: false });
      assertEquals(await off.findSlotConflicts(job, "space"), {
        hasConflict: false,
        conflictingFacts: [],
      });

      const duplicates = new FactDeduplicationService(client);
      const candidate = factOf({ confidence: 90 });
      const find = (strategy: "none" | "exact" | "structural", more = {}) =>
        duplicates.findDuplicate({ ...candidate, ...more }, "space", {
          strategy,
        });
      assertEquals(await find("exact"), {
        isDuplicate: true,
        existingFact: fact,
        similarityScore: 1,
        matchedBy: "exact",
        shouldUpdate: true,
      });
      const words = { fact: "Acme pays Ada", confidence: 1 };
      const byParts = await find("structural", words);
      assertEquals(
        [byParts.matchedBy, byParts.shouldUpdate],
        ["structural", false],
      );
      assertEquals(await find("exact", words), { isDuplicate: false });
      assertEquals(await find("none"), { isDuplicate: false });
      const near = await duplicates.findDuplicate(
        { fact: "x", factType: "relationship", confidence: 1 },
        "space",
        { strategy: "semantic", generateEmbedding: temperature },
      );
      assertEquals(near.matchedBy, "semantic");

      const beliefs = new BeliefRevisionService(client, undefined, undefined, {
        semanticMatching: { enabled: false },
      });
      beliefs.updateConfig({ history: { enabled: false } });
      assertEquals(beliefs.getConfig(), {
        semanticMatching: { enabled: false },
        history: { enabled: false },
      });
      const { action, superseded } = await beliefs.revise({
        memorySpaceId: "space",
        fact: { ...job, fact: "Ada is employed by Zenith", confidence: 80 },
      });
      assertEquals([action, ids(superseded)], ["SUPERSEDE", [fact.factId]]);
      assertEquals((await cortex.facts.history(fact.factId)).length, 1);
    },
  ),
  cortexCase(
    "facts: the module alone takes who calls, a model and its options",
    async (cortex) => {
      const client = cortex.getClient();
      const auth = { userId: "me", tenantId: "acme" };
      const complete = () => Promise.resolve('{"action":"NONE"}');
      const facts = new FactsAlone(
        client,
        undefined,
        undefined,
        auth,
        { complete },
        { slotMatching: { enabled: false } },
      );
      const { tenantId, _id, ...fact } = await facts.store(factOf());
      assertEquals(tenantId, "acme");
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 0);
      const { pipeline } = await facts.revise({
        memorySpaceId: "space",
        fact,
      });
      assertEquals(pipeline.slotMatching?.executed, false);
      assertEquals(pipeline.llmResolution?.executed, true);
      const wrong = () =>
        new FactsAlone(client, undefined, undefined, {} as never);
      assertThrows(wrong, Error, "userId is required");
    },
  ),
  cortexCase(
    "facts: the history service logs, finds, counts and clears events",
    async (cortex) => {
      const history = new FactHistoryService(cortex.getClient());
      const log = (
        factId: string,
        action: "CREATE" | "DELETE",
        userId = "ada",
      ) => history.log({ memorySpaceId: "space", factId, action, userId });
      const { eventId } = await log("fact-1", "CREATE");
      const event = (await history.getEvent(eventId))!;
      assertEquals([event.factId, event.action], ["fact-1", "CREATE"]);
      assertEquals(await history.getEvent("fh-x"), null);
      await log("fact-1", "DELETE");
      await log("fact-2", "CREATE", "bob");
      await log("fact-3", "CREATE", "eve");
      assertEquals(await history.countByAction("space"), {
        CREATE: 3,
        UPDATE: 0,
        SUPERSEDE: 0,
        DELETE: 1,
        total: 4,
      });
      const none = await history.countByAction(
        "space",
        new Date(1),
        new Date(2),
      );
      assertEquals(none.total, 0);
      assertEquals((await history.getHistory("fact-1")).length, 2);
      assertEquals(await history.deleteByFactId("fact-1"), { deleted: 2 });
      assertEquals(await history.deleteByUserId("bob"), { deleted: 1 });
      const soon = new Date(Date.now() + 1000);
      assertEquals(await history.purgeOldEvents(soon, "other"), {
        deleted: 0,
        remaining: 0,
      });
      await log("fact-4", "CREATE");
      assertEquals(await history.purgeOldEvents(soon, "space", 1), {
        deleted: 1,
        remaining: 1,
      });
      assertEquals(await history.purgeOldEvents(soon, "space", 0), {
        deleted: 0,
        remaining: 1,
      });
      const negative = await rejectionOf(() =>
        history.purgeOldEvents(soon, "space", -1)
      );
      assertEquals(negative.code, "INVALID_ARRAY");
      assertStringIncludes(negative.message, "limit must be non-negative");
      const limits: unknown[] = [];
      const steps = [[1000, 500], [200, 300]];
      const large = new FactHistoryService({
        query: () => Promise.reject(new Error("not asked")),
        mutation(_name: string, { limit }: { limit?: number }) {
          limits.push(limit);
          const [deleted, remaining] = steps.shift()!;
          return Promise.resolve({ deleted, remaining });
        },
      });
      assertEquals(await large.purgeOldEvents(soon, "space", 1200), {
        deleted: 1200,
        remaining: 300,
      });
      assertEquals(limits, [1200, 200]);
      assertEquals(await history.deleteByMemorySpace("space"), { deleted: 1 });
      const wrong = await rejectionOf(() => history.deleteByUserId(" "));
      assertEquals(wrong.name, "FactsValidationError");
      const copy = await history.log({ ...event, reason: "Imported" });
      assert(copy.eventId !== eventId);
      assertEquals((await history.getEvent(copy.eventId))?.reason, "Imported");
      for (
        const [field, changes] of Object.entries({
          reason: { reason: 5 },
          confidence: { confidence: 101 },
          "pipeline.llmResolution": { pipeline: { llmResolution: 1 } },
        })
      ) {
        const log = () => history.log({ ...event, ...changes as object });
        const { name, field: named } = await rejectionOf(log);
        assertEquals([name, named], ["FactsValidationError", field]);
      }
    },
  ),
  cortexCase(
    "facts: the backend's own functions take what applications give them",
    async (cortex) => {
      const client = cortex.getClient();
      // deno-lint-ignore no-explicit-any -- results of functions that are called by name
      type Answer = any;
      const query = (name: string, args: object): Promise<Answer> =>
        client.query(name, { memorySpaceId: "space", ...args });
      const mutation = (name: string, args: object): Promise<Answer> =>
        client.mutation(name, { memorySpaceId: "space", ...args });
      const plain = { ...factOf(), tags: ["a"] };
      const one = await mutation("facts:store", plain);
      const two = await mutation("facts:store", { ...plain, fact: "Other" });
      const { factId } = one;
      assertEquals((await query("facts:get", { factId })).fact, one.fact);
      const filter = { factType: "relationship", createdAfter: 0, tags: ["a"] };
      const paging = {
        limit: 1,
        offset: 1,
        sortBy: "version",
        sortOrder: "asc",
      };
      assertEquals((await query("facts:list", filter)).length, 2);
      assertEquals(
        (await query("facts:list", { ...filter, ...paging })).length,
        1,
      );
      assertEquals(await query("facts:count", filter), 2);
      const found = await query("facts:search", { query: "Acme", ...filter });
      assertEquals(ids(found), [factId]);
      const about = { subject: "ada", predicate: "works at" };
      assertEquals(
        (await query("facts:queryBySubject", { subject: "ada" })).length,
        2,
      );
      assertEquals((await query("facts:queryByRelationship", about)).length, 2);
      const alike = { ...about, object: " acme", limit: 1 };
      assertEquals(ids(await query("facts:findByStructure", alike)), [
        two.factId,
      ]);
      const exported = await query("facts:exportFacts", { format: "csv" });
      assertEquals([exported.format, exported.count], ["csv", 2]);

      const next = await mutation("facts:update", { factId, confidence: 90 });
      assertEquals([next.version, next.supersedes], [2, factId]);
      const same = await mutation("facts:updateInPlace", {
        factId: next.factId,
        fact: "Ada works at Acme, Bath",
      });
      assertEquals([same.factId, same.version], [next.factId, 2]);
      assertEquals((await query("facts:getHistory", { factId })).length, 2);
      const link = { oldFactId: next.factId, newFactId: two.factId };
      assertEquals(await mutation("facts:supersede", link), {
        superseded: true,
        ...link,
        reason: "Manual supersession",
      });
      const factIds = [
        two.factId,
        (await mutation("facts:store", plain)).factId,
      ];
      const merged = await mutation("facts:consolidate", {
        factIds,
        keepFactId: two.factId,
      });
      assertEquals(merged.mergedCount, 1);
      const gone = await mutation("facts:deleteFact", { factId: two.factId });
      assertEquals(gone, { deleted: true, factId: two.factId });
      const some = await client.mutation("facts:deleteByIds", { factIds });
      assertEquals(some, { deleted: 2, factIds });
      const { deleted, done } = await mutation("facts:deleteMany", {
        factType: "relationship",
      });
      assertEquals([deleted, done], [4, true]);
      await mutation("facts:store", plain);
      const purged: Answer = await client.mutation("facts:purgeAll", {});
      assertEquals(purged.deleted, 1);
    },
  ),
];
