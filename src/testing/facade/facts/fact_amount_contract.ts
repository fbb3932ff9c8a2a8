/** `facts`: many facts of others, and large ones. */
import { assertEquals } from "@std/assert";
import type { FactRecord } from "../../../cortex/types/facts.ts";
import { factOf, storeFact, temperature } from "./fact_support.ts";
import { cortexCase, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** More facts of one subject, or of one kind, than a new one is compared with. */
const CROWD = 70;
/** 25 of these take more than one call may read. */
const LARGE = "x".repeat(700_000);
const memorySpaceId = "space";
/** A fact as extractors state it about the speaker. */
const livesIn = (object: string, userId: string) => ({
  fact: `The user lives in ${object}`,
  subject: "user",
  predicate: "lives in",
  object,
  userId,
});
const others = Array.from({ length: CROWD }, (_, at) => `other-${at}`);

/** Cases with many rows. */
export const factAmountContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.storeWithDedup() and revise() find a user's fact however many others have the like",
    async (cortex) => {
      const { facts } = cortex;
      const hers = await storeFact(cortex, livesIn("Bath", "ada"));
      await Promise.all(
        others.map((userId) => storeFact(cortex, livesIn("Bath", userId))),
      );
      const found = async (
        deduplication: "exact" | "structural",
        fact: string,
      ) => {
        const stored = await facts.storeWithDedup(
          factOf({ ...livesIn("Bath", "ada"), fact }),
          { deduplication },
        );
        return stored.fact.factId;
      };
      assertEquals(await found("exact", hers.fact), hers.factId);
      assertEquals(await found("structural", "Bath is home"), hers.factId);
      const ofHer = { memorySpaceId, subject: "user", userId: "ada" };
      const listed = await facts.queryBySubject(ofHer);
      assertEquals(listed.map(({ factId }) => factId), [hers.factId]);
      const { userId, ...fact } = livesIn("York", "ada");
      const revised = await facts.revise({
        memorySpaceId,
        userId,
        fact: { ...fact, confidence: 80 },
      });
      assertEquals(
        [revised.action, revised.superseded.map(({ factId }) => factId)],
        ["SUPERSEDE", [hers.factId]],
      );
      const all = await facts.queryBySubject({
        ...ofHer,
        includeSuperseded: true,
      });
      assertEquals(all.map(({ fact }) => fact), [hers.fact, fact.fact]);
      assertEquals(
        await facts.count({ memorySpaceId, subject: "user" }),
        CROWD + 1,
      );
    },
  ),
  cortexCase(
    "facts.revise() and storeWithDedup() find what is known of a subject however much more of it is",
    async ({ facts }) => {
      for (const userId of [undefined, "ada"]) {
        const whose = userId === undefined ? {} : { userId };
        const about = (predicate: string, object: string) => ({
          fact: `Ada ${predicate} ${object}`,
          subject: "Ada",
          predicate,
          object,
          confidence: 80,
        });
        const revise = (predicate: string, object: string) =>
          facts.revise({
            memorySpaceId,
            ...whose,
            fact: about(predicate, object),
          });
        await revise("lives in", "Bath");
        const liked = await revise("likes", "sushi");
        await Promise.all(
          others.map((object, at) =>
            facts.store(factOf({ ...about(`met ${at}`, object), ...whose }))
          ),
        );
        const { action, superseded } = await revise("resides in", "York");
        assertEquals(
          [action, superseded.map(({ object }) => object)],
          ["SUPERSEDE", ["Bath"]],
        );
        const again = await revise("likes", "Sushi");
        assertEquals(
          [again.action, again.fact.factId],
          ["NONE", liked.fact.factId],
        );
        const stored = await facts.storeWithDedup(
          factOf({ ...about("likes", "sushi"), fact: "Sushi is it", ...whose }),
          { deduplication: "structural" },
        );
        assertEquals(stored.fact.factId, liked.fact.factId);
        await facts.deleteMany({ memorySpaceId });
      }
    },
  ),
  cortexCase(
    "facts.storeWithDedup() embeds a user's facts that have no vector, however many others have such",
    async (cortex) => {
      const { facts } = cortex;
      const parts = { subject: undefined, predicate: undefined };
      const plain = { ...parts, object: undefined };
      const cold = { ...plain, fact: "Tea is cold" };
      const hers = await storeFact(cortex, { ...cold, userId: "ada" });
      const ofNobody = await storeFact(cortex, cold);
      await Promise.all(
        others.map((userId) =>
          storeFact(cortex, { ...plain, fact: `Tea of ${userId}`, userId })
        ),
      );
      const deduplication = {
        strategy: "semantic" as const,
        generateEmbedding: temperature,
      };
      const icy = { ...plain, fact: "The drink is icy" };
      for (
        const [known, userId] of [[ofNobody, undefined], [hers, "ada"]] as const
      ) {
        const found = await facts.storeWithDedup(
          factOf({ ...icy, userId }),
          { deduplication },
        );
        assertEquals(found.fact.factId, known.factId);
      }
    },
  ),
  cortexCase(
    "facts.storeWithDedup() finds a user's fact by meaning however many others have the like",
    async (cortex) => {
      const store = async (userId: string, fact: string) => {
        const stored = await cortex.facts.storeWithDedup(
          factOf({ fact, userId, subject: undefined }),
          {
            deduplication: {
              strategy: "semantic",
              generateEmbedding: temperature,
            },
          },
        );
        return stored.fact.factId;
      };
      const hers = await store("ada", "Her tea is cold");
      await Promise.all(
        others.map((userId) => store(userId, `${userId}: icy`)),
      );
      assertEquals(await store("ada", "The drink is icy"), hers);
    },
  ),
  cortexCase(
    "facts are compared and deduplicated however large those of their subject, kind or space are",
    async (cortex) => {
      const { facts } = cortex;
      for (let at = 0; at < 25; at++) {
        await storeFact(cortex, {
          object: `Firm ${at}`,
          metadata: { large: LARGE },
        });
      }
      const fact = factOf({ object: "Firm 24", fact: "Firm 24 employs Ada" });
      const { fact: stored, deduplication } = await facts.storeWithDedup(fact, {
        deduplication: {
          strategy: "semantic",
          generateEmbedding: temperature,
        },
      });
      assertEquals(
        [stored.object, deduplication?.matchedExisting],
        ["Firm 24", true],
      );
      const { recommendedAction } = await facts.checkConflicts({
        memorySpaceId,
        fact: { ...fact, fact: "Ada works at Acme" },
      });
      assertEquals(recommendedAction, "NONE");
    },
  ),
  cortexCase(
    "facts.list() has each fact on one page, however large facts are, of which many are equal in what they are sorted by",
    async (cortex) => {
      const { facts } = cortex;
      const stored: FactRecord[] = [];
      for (let at = 0; at < 13; at++) {
        stored.push(await storeFact(cortex, { fact: `${at} ${LARGE}` }));
      }
      // A new version has the creation time of the first, but is stored last.
      for (const { factId } of [stored[1]!, stored[4]!]) {
        await facts.update(memorySpaceId, factId, { tags: ["new"] });
      }
      for (const sortOrder of ["asc", "desc"] as const) {
        const found: string[] = [];
        for (let offset = 0; offset < stored.length; offset += 5) {
          const page = await facts.list({
            memorySpaceId,
            sortBy: "confidence",
            sortOrder,
            offset,
            limit: 5,
          });
          found.push(...page.map(({ factId }) => factId));
        }
        assertEquals(
          [found.length, new Set(found).size],
          [stored.length, stored.length],
        );
      }
    },
  ),
  cortexCase(
    "facts are updated, superseded and told of however large they are",
    async (cortex) => {
      const { facts } = cortex;
      const store = (letter: string) =>
        storeFact(cortex, { fact: letter.repeat(390_000) });
      const old = await store("\u00e9");
      const changed = await facts.update(memorySpaceId, old.factId, {
        confidence: 90,
      });
      assertEquals(changed.fact, old.fact);
      const next = await store("y");
      const named = { memorySpaceId, oldFactId: changed.factId };
      await facts.supersede({ ...named, newFactId: next.factId });
      const [told] = await facts.history(changed.factId);
      assertEquals(
        [told?.action, told?.oldValue?.length, told?.newValue],
        ["SUPERSEDE", 225_000, next.fact],
      );
    },
  ),
  cortexCase(
    "recall() of what a user has told finds the facts that stand, however many have not stood the time",
    async (cortex) => {
      const { facts, memory } = cortex;
      const userId = "ada";
      const cello = "Ada plays the cello";
      await storeFact(cortex, { userId, fact: cello, predicate: "plays" });
      for (let at = 0; at < CROWD; at++) {
        const { userId: _, ...fact } = livesIn(`${at}`, userId);
        await facts.revise({
          memorySpaceId,
          userId,
          fact: { ...fact, confidence: 80 },
        });
      }
      const { items } = await memory.recall({
        memorySpaceId,
        userId,
        query: "What did I tell you?",
      });
      assertEquals(items.map(({ content }) => content).sort(), [
        cello,
        `The user lives in ${CROWD - 1}`,
      ]);
      const listed = await facts.list({ memorySpaceId, userId });
      assertEquals(listed.length, 2);
    },
  ),
];
