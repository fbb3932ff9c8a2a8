/** `facts.revise()`: decisions by words and parts, without a model. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ConflictCandidate } from "../../../cortex/types/fact_belief.ts";
import { texts } from "./fact_support.ts";
import { cortexCase, type FacadeSubject, silent } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const space = { memorySpaceId: "space" };

async function revised(
  cortex: Cortex,
  fact: string,
  parts: Partial<ConflictCandidate> = {},
): Promise<string> {
  const { action } = await cortex.facts.revise({
    ...space,
    fact: { fact, subject: "Ada", confidence: 80, ...parts },
  });
  return action;
}

async function standing(cortex: Cortex): Promise<string[]> {
  return texts(await cortex.facts.list(space)).sort();
}

/** Cases of decisions without a model. */
export const factDecisionContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.revise() replaces none of several values where objects are not told, and keeps what is said in the same words",
    async (cortex) => {
      const allergic = { predicate: "allergic to" };
      const peanuts = "Ada is allergic to peanuts";
      const shellfish = "Ada is allergic to shellfish";
      assertEquals(await revised(cortex, peanuts, allergic), "ADD");
      assertEquals(await revised(cortex, shellfish, allergic), "ADD");
      assertEquals(
        await revised(cortex, "ada is allergic to: Peanuts.", allergic),
        "NONE",
      );
      assertEquals(
        await revised(cortex, peanuts, { ...allergic, object: "peanuts" }),
        "NONE",
      );
      assertEquals(await standing(cortex), [peanuts, shellfish]);
    },
  ),
  cortexCase(
    "facts.revise() tells apart what differs in its object only, however long the rest is",
    async (cortex) => {
      const fluent = (object: string) =>
        revised(
          cortex,
          `For her work at the embassy in the old town Ada speaks ${object}`,
          { predicate: "speaks", object },
        );
      assertEquals(await fluent("French"), "ADD");
      assertEquals(await fluent("German"), "ADD");
      assertEquals((await standing(cortex)).length, 2);
    },
  ),
  cortexCase(
    "facts.revise() compares with every fact that agrees in the parts that are told, not with the newest",
    async (cortex) => {
      const object = "Bath";
      await cortex.facts.store({
        ...space,
        fact: "Ada knows Bath well",
        factType: "knowledge",
        subject: "Ada",
        object,
        confidence: 90,
        sourceType: "manual",
      });
      await revised(cortex, "Ada likes Bath well", {
        predicate: "likes",
        object,
      });
      assertEquals(
        await revised(cortex, "ada knows Bath well", { object }),
        "NONE",
      );
      assertEquals(await standing(cortex), [
        "Ada knows Bath well",
        "Ada likes Bath well",
      ]);
    },
  ),
  cortexCase(
    "facts that hold at another time are neither taken for new ones nor replaced by them",
    async (cortex) => {
      const { facts } = cortex;
      const home = {
        ...space,
        fact: "Ada lives in Bath",
        factType: "knowledge" as const,
        subject: "Ada",
        predicate: "lives in",
        object: "Bath",
        confidence: 80,
      };
      const manual = { ...home, sourceType: "manual" as const };
      const past = await facts.store({
        ...manual,
        validFrom: 1000,
        validUntil: 2000,
      });
      const { memorySpaceId, ...york } = { ...home, object: "York" };
      const revised = await facts.revise({ memorySpaceId, fact: york });
      assertEquals(revised.action, "ADD");
      await facts.delete(memorySpaceId, revised.fact.factId);
      for (const deduplication of ["exact", "structural"] as const) {
        const { fact, ...how } = await facts.storeWithDedup(manual, {
          deduplication,
        });
        assertEquals(how.deduplication?.matchedExisting, false);
        await facts.delete(memorySpaceId, fact.factId);
      }
      assertEquals(await facts.get(memorySpaceId, past.factId), past);
      const plan = { ...manual, fact: "Ada lives in Ulm", object: "Ulm" };
      const planned = { ...plan, validFrom: Date.now() + 86_400_000 };
      const later = await facts.store(planned);
      for (const deduplication of ["exact", "structural"] as const) {
        const now = await facts.storeWithDedup(plan, { deduplication });
        assertEquals(now.deduplication?.matchedExisting, false);
        await facts.delete(memorySpaceId, now.fact.factId);
        const then = await facts.storeWithDedup(planned, { deduplication });
        assertEquals(then.fact, later);
      }
      const bath = await facts.revise({ memorySpaceId, fact: home });
      assertEquals(bath.action, "ADD");
      const moved = await facts.revise({ memorySpaceId, fact: york });
      assertEquals(
        moved.superseded.map(({ factId }) => factId),
        [bath.fact.factId],
      );
      assertEquals(await facts.get(memorySpaceId, later.factId), later);
    },
  ),
  cortexCase(
    "facts.revise() lets a slot hold one value, also if another call stores one while the model decides",
    async (cortex) => {
      const { facts } = cortex;
      const homeIn = (object: string) =>
        facts.revise({
          ...space,
          fact: {
            fact: `Ada lives in ${object}`,
            subject: "Ada",
            predicate: "lives in",
            object,
            confidence: 80,
          },
        });
      const { fact: old } = await homeIn("Bath");
      facts.configureBeliefRevision({
        complete: () =>
          Promise.resolve(JSON.stringify({
            action: "SUPERSEDE",
            targetFactId: old.factId,
          })),
      });
      const made = await Promise.all(["York", "Ulm", "Rome"].map(homeIn));
      assertEquals(
        made.map(({ action }) => action),
        made.map(() => "SUPERSEDE"),
      );
      assertEquals((await standing(cortex)).length, 1);
      assertEquals((await facts.getSupersessionChain(old.factId)).length, 4);
    },
    { logger: silent },
  ),
];
