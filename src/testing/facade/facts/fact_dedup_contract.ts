/** `facts`: deduplication. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { StoreFactWithDedupOptions } from "../../../cortex/types/fact_belief.ts";
import type { StoreFactParams } from "../../../cortex/types/fact_params.ts";
import { factOf, ids, storeFact, temperature } from "./fact_support.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  keepingLogger,
  rejectionOf,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const space = { memorySpaceId: "space" };

const dedup = (
  cortex: Cortex,
  changes: Partial<StoreFactParams>,
  deduplication?: StoreFactWithDedupOptions["deduplication"],
) => cortex.facts.storeWithDedup(factOf(changes), { deduplication });

/** Cases of deduplication. */
export const factDedupContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.storeWithDedup() finds texts that are equal but for fillers",
    async (cortex) => {
      const first = await dedup(cortex, {
        fact: "The office is in Bath.",
        tags: ["a"],
      }, "exact");
      assertEquals(first.deduplication, {
        strategy: "exact",
        matchedExisting: false,
      });
      const again = await dedup(
        cortex,
        { fact: "the Office in  bath", tags: ["b"] },
        "exact",
      );
      assertEquals(again, {
        fact: first.fact,
        wasUpdated: false,
        deduplication: {
          strategy: "exact",
          matchedExisting: true,
          similarityScore: 1,
        },
      });
      const surer = await dedup(
        cortex,
        { fact: "Office in Bath", confidence: 95, tags: ["b"] },
        "exact",
      );
      assertEquals(surer.wasUpdated, true);
      const { version, confidence, tags, supersedes } = surer.fact;
      assertEquals(
        [version, confidence, tags, supersedes],
        [2, 95, ["a", "b"], first.fact.factId],
      );
      assertEquals(ids(await cortex.facts.list(space)), [surer.fact.factId]);
      const other = await dedup(cortex, { fact: "Office in York" }, "exact");
      assertEquals(other.deduplication?.matchedExisting, false);
      const kind = { fact: "Office in Bath", factType: "event" as const };
      const ofKind = await dedup(cortex, kind, "exact");
      assertEquals(ofKind.deduplication?.matchedExisting, false);
    },
  ),
  cortexCase(
    "facts.storeWithDedup() finds equal parts in other words, of the same user and space only",
    async (cortex) => {
      const user = { userId: "ada" };
      const { fact } = await dedup(cortex, user, "structural");
      const match = async (changes: Partial<StoreFactParams>) =>
        (await dedup(cortex, changes, "structural")).fact.factId ===
          fact.factId;
      const words = { fact: "Acme employs Ada", subject: " ADA " };
      assert(await match({ ...words, ...user }), "other words");
      assert(await match(words), "no user named");
      assert(!await match({ ...words, userId: "bob" }), "another user");
      assert(!await match({ ...words, memorySpaceId: "other" }), "other space");
      assert(!await match({ ...words, object: "Zenith" }), "another object");

      const long = "x".repeat(600);
      const parts = { subject: long, predicate: long, object: long };
      const known = await dedup(cortex, parts, "structural");
      const again = async (changes: Partial<StoreFactParams>) =>
        (await dedup(cortex, { ...parts, ...changes }, "structural"))
          .fact.factId === known.fact.factId;
      assert(await again({ fact: "in other words" }), "long parts");
      assert(!await again({ predicate: `${long}y` }), "another long predicate");
      assert(!await again({ subject: `${long}y` }), "another long subject");
    },
  ),
  cortexCase(
    "facts.storeWithDedup() finds the same vector at a threshold of 1, and scores no more",
    async (cortex) => {
      for (const vector of [[0.1, 0.1], [0.1, 0.6]]) {
        const deduplication = {
          strategy: "semantic" as const,
          similarityThreshold: 1,
          generateEmbedding: () => Promise.resolve(vector),
        };
        const kind = {
          memorySpaceId: vector.join("-").replaceAll(".", ""),
          factType: "event" as const,
        };
        await dedup(cortex, { ...kind, fact: "One" }, deduplication);
        const again = await dedup(
          cortex,
          { ...kind, fact: "Two", object: "else" },
          deduplication,
        );
        assertEquals(again.fact.fact, "One");
        assertEquals(again.deduplication?.similarityScore, 1);
      }
    },
  ),
  cortexCase(
    "facts.storeWithDedup() false and none store every time; parallel exact calls store once",
    async (cortex) => {
      for (const deduplication of [false, "none", "none"] as const) {
        const { wasUpdated, ...rest } = await dedup(cortex, {}, deduplication);
        assertEquals([wasUpdated, Object.keys(rest)], [false, ["fact"]]);
      }
      assertEquals(await cortex.facts.count(space), 3);
      await cortex.facts.deleteMany(space);
      const stored = await Promise.all(
        Array.from({ length: 8 }, () => dedup(cortex, {}, "exact")),
      );
      assertEquals(new Set(stored.map(({ fact }) => fact.factId)).size, 1);
      assertEquals(await cortex.facts.count(space), 1);
    },
  ),
  cortexCase(
    "facts.storeWithDedup() compares meanings, also with facts that had no vector, and embeds each text once",
    async (cortex) => {
      const embedded: string[] = [];
      const deduplication = {
        strategy: "semantic" as const,
        generateEmbedding: (text: string) => {
          embedded.push(text);
          return temperature(text);
        },
      };
      const known = { subject: "tea", predicate: "is", object: "cold" };
      const old = await storeFact(cortex, { ...known, fact: "Tea is cold" });
      const store = (fact: string) =>
        dedup(cortex, { fact, subject: undefined }, deduplication);
      const found = await store("The drink is icy");
      assertEquals(found.fact.factId, old.factId);
      assertEquals(found.deduplication, {
        strategy: "semantic",
        matchedExisting: true,
        similarityScore: 1,
      });
      assertEquals(embedded.sort(), ["Tea is cold", "The drink is icy"]);
      const again = await store("The drink is icy");
      assertEquals(again.fact.factId, old.factId);
      assertEquals(embedded.length, 2);
      const other = await store("The drink is hot");
      assertEquals(other.deduplication?.matchedExisting, false);
      // Vectors of another length are ignored.
      const long = await dedup(cortex, { fact: "icy", subject: undefined }, {
        strategy: "semantic",
        generateEmbedding: () => Promise.resolve([1, 0, 0]),
      });
      assertEquals(long.deduplication?.matchedExisting, false);
    },
  ),
  {
    name:
      "facts.storeWithDedup() without vectors is structural, with one warning each; the facade's embedder makes them",
    async run(subject) {
      const logger = keepingLogger();
      await using one = subject.open({ logger });
      await using two = subject.open({ logger });
      for (const cortex of [one, one, two]) {
        const { deduplication } = await dedup(cortex, {});
        assertEquals(deduplication?.strategy, "structural");
      }
      assertEquals(logger.lines.length, 2);
      assertStringIncludes(logger.lines[0]!, "warn: Semantic deduplication");
      await using able = subject.open({
        embedder: (texts) => Promise.all(texts.map(temperature)),
      });
      const part = { subject: undefined };
      await dedup(able, { ...part, fact: "It is cold" });
      const { deduplication } = await dedup(able, { ...part, fact: "icy" });
      assertEquals(deduplication, {
        strategy: "semantic",
        matchedExisting: true,
        similarityScore: 1,
      });
    },
  },
  cortexCase(
    "a key of facts.storeWithDedup() or remember() is refused with other options, but for time limits and signals",
    async (cortex) => {
      const idempotencyKey = "order-66";
      const store = (options: StoreFactWithDedupOptions) =>
        cortex.facts.storeWithDedup(factOf(), { idempotencyKey, ...options });
      const { signal } = new AbortController();
      const first = await store({ deduplication: "exact" });
      assertEquals(
        await store({ deduplication: "exact", signal, timeoutMs: 60_000 }),
        first,
      );
      const remember = (extractFacts: boolean) =>
        cortex.memory.remember(exchange(), {
          idempotencyKey: "b",
          extractFacts,
        });
      await remember(false);
      for (
        const call of [
          () => store({ deduplication: "structural" }),
          () => remember(true),
        ]
      ) await assertCode(call, "IDEMPOTENCY_CONFLICT");
    },
  ),
  cortexCase(
    "facts.storeWithDedup() whose embedding fails rejects with its error and stores nothing",
    async (cortex) => {
      const broken = (answer: () => Promise<number[]>) => () =>
        dedup(cortex, {}, { strategy: "semantic", generateEmbedding: answer });
      const error = await rejectionOf(
        broken(() => Promise.reject(new Error("no model"))),
      );
      assertEquals(error.message, "no model");
      const wrong = await rejectionOf(broken(() => Promise.resolve([NaN])));
      assertEquals(
        [wrong.name, wrong.code],
        ["FactsValidationError", "INVALID_EMBEDDING"],
      );
      assertEquals(await cortex.facts.count(space), 0);
    },
  ),
  cortexCase(
    "facts.storeWithDedup() gives no fact the vector of a text that it had before",
    async (cortex) => {
      const part = { subject: undefined };
      const { factId } = await storeFact(cortex, {
        ...part,
        fact: "It is icy",
      });
      const change = { ...space, factId, fact: "It is warm" };
      const store = (fact: string) =>
        dedup(cortex, { ...part, fact }, {
          strategy: "semantic",
          async generateEmbedding(text) {
            if (text === "It is icy") {
              await cortex.getClient().mutation("facts:updateInPlace", change);
            }
            return await temperature(text);
          },
        });
      const cold = await store("Feels cold");
      assertEquals(cold.deduplication?.matchedExisting, false);
      const hot = await store("Feels hot");
      assertEquals(hot.fact.factId, factId);
    },
  ),
];
