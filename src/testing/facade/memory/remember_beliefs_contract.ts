/**
 * `memory.remember`: how its facts are compared with known ones, and the influence of `cortex.facts`' configuration.
 */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ExtractedFact } from "../../../cortex/types/facts.ts";
import type {
  RememberOptions,
  RememberParams,
} from "../../../cortex/types/memory.ts";
import { temperature, texts } from "../facts/fact_support.ts";
import {
  cortexCase,
  exchange,
  type FacadeSubject,
  keepingLogger,
  record,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const livesIn = (object: string): ExtractedFact => ({
  fact: `Ada lives in ${object}`,
  factType: "identity",
  subject: "ada",
  predicate: "lives in",
  object,
  confidence: 80,
});

const statement = (fact: string): ExtractedFact => ({
  fact,
  factType: "observation",
  confidence: 80,
});

/** Remembers an exchange with these facts in a conversation of its own. */
const remember = (
  cortex: Cortex,
  facts: ExtractedFact[],
  params: Partial<RememberParams> = {},
  options?: RememberOptions,
) =>
  cortex.memory.remember(
    exchange({
      conversationId: `conv-${facts[0]?.fact}-${Math.random()}`,
      extractFacts: () => Promise.resolve(facts),
      ...params,
    }),
    options,
  );

const current = async (cortex: Cortex) =>
  texts(await cortex.facts.list({ memorySpaceId: "space" }));

/** Cases that need a place where a `Cortex` runs. */
export const rememberBeliefsContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "remember() of one name in five conversations keeps one fact, without deduplication five",
    async (cortex) => {
      const name: ExtractedFact = {
        fact: "The user's name is Ada",
        factType: "identity",
        subject: "ada",
        predicate: "name is",
        object: "Ada",
        confidence: 90,
      };
      for (let times = 0; times < 5; times++) await remember(cortex, [name]);
      const mine = { memorySpaceId: "space", userId: "ada" };
      assertEquals(await cortex.facts.count(mine), 1);
      const { facts, factRevisions } = await remember(cortex, [name]);
      assertEquals(facts, []);
      assertEquals(factRevisions?.map(({ action }) => action), ["NONE"]);
      const other = {
        memorySpaceId: "other",
        factDeduplication: false,
      } as const;
      await remember(cortex, [name], other);
      await remember(cortex, [name], other);
      assertEquals(await cortex.facts.count({ memorySpaceId: "other" }), 2);
    },
  ),
  cortexCase(
    "remember() returns facts as they are after the last of them, which may have changed the others",
    async (cortex) => {
      const told = [
        { ...livesIn("Bath"), confidence: 60 },
        livesIn("Bath"),
        livesIn("York"),
        livesIn("Rome"),
      ];
      const one = await remember(cortex, told);
      const revised = one.factRevisions ?? [];
      assertEquals(revised.map(({ action }) => action), [
        "ADD",
        "UPDATE",
        "SUPERSEDE",
        "SUPERSEDE",
      ]);
      // Without belief revision, the second becomes a new version of the first.
      const other = { memorySpaceId: "other" };
      const two = await remember(cortex, told, other, {
        beliefRevision: false,
      });
      assertEquals(two.facts.map(({ version }) => version), [1, 2, 1, 1]);
      const returned = [
        ...one.facts,
        ...revised.flatMap((
          { fact, superseded = [] },
        ) => [fact, ...superseded]),
        ...two.facts,
      ];
      for (const fact of returned) {
        const { memorySpaceId, factId } = fact;
        assertEquals(fact, await cortex.facts.get(memorySpaceId, factId));
      }
    },
  ),
  cortexCase(
    "remember() tells the history which conversation and participant changed a fact",
    async (cortex) => {
      const from = (participantId: string, conversationId: string) => ({
        participantId,
        conversationId,
      });
      await remember(cortex, [livesIn("Bath")], from("mail", "conv-1"));
      await remember(
        cortex,
        [{ ...livesIn("Bath"), confidence: 99 }],
        from("phone", "conv-2"),
      );
      await remember(cortex, [livesIn("York")], from("chat", "conv-3"));
      const told = await cortex.facts.getChanges({ memorySpaceId: "space" });
      assertEquals(
        told.map((event) => [
          event.action,
          event.participantId,
          event.conversationId,
          event.userId,
        ]),
        [
          ["SUPERSEDE", "chat", "conv-3", "ada"],
          ["UPDATE", "phone", "conv-2", "ada"],
          ["CREATE", "mail", "conv-1", "ada"],
        ],
      );
    },
  ),
  cortexCase(
    "remember() follows facts.configureBeliefRevision(), and its own switches of stages",
    async (cortex) => {
      await remember(cortex, [livesIn("Bath")]);
      await remember(cortex, [livesIn("York")], {}, {
        beliefRevision: { slotMatching: false },
      });
      // Decided by common words; the facts differ in one word of four.
      assertEquals((await current(cortex)).at(-1), "Ada lives in York");
      const wears = (object: string): ExtractedFact => ({
        ...livesIn(object),
        fact: `size: ${object}`,
        predicate: "wears size",
      });
      cortex.facts.configureBeliefRevision(undefined, {
        slotMatching: { predicateClasses: { shoe_size: ["wears size"] } },
        history: { enabled: false },
      });
      await remember(cortex, [wears("38")]);
      const { factRevisions, facts } = await remember(cortex, [wears("39")]);
      assertEquals(factRevisions?.[0]?.action, "SUPERSEDE");
      assertEquals(texts(factRevisions![0]!.superseded!), ["size: 38"]);
      assertEquals(await cortex.facts.history(facts[0]!.factId), []);
    },
  ),
  cortexCase(
    "remember() asks the model of facts about known ones, unless it is told not to",
    async (cortex) => {
      const { facts: [bath] } = await remember(cortex, [livesIn("Bath")]);
      let asked = 0;
      cortex.facts.configureBeliefRevision({
        complete() {
          asked++;
          return Promise.resolve(JSON.stringify({
            action: "UPDATE",
            targetFactId: bath!.factId,
            mergedFact: "Ada lives in Bath, her office is in York",
            reason: "both",
          }));
        },
      });
      const { factRevisions, facts } = await remember(cortex, [
        statement("The moon is far"),
        livesIn("York"),
      ]);
      assertEquals(asked, 1);
      assertEquals(
        factRevisions?.map(({ action, reason }) => [action, reason]),
        [["ADD", "No conflicts found"], ["UPDATE", "both"]],
      );
      assertEquals(facts[1]?.factId, bath?.factId);
      const { factRevisions: own } = await remember(
        cortex,
        [livesIn("Rome")],
        {},
        { beliefRevision: { llmResolution: false } },
      );
      assertEquals([asked, own?.[0]?.action], [1, "SUPERSEDE"]);
    },
  ),
  cortexCase(
    "remember() asks the model about any number of facts",
    async (cortex) => {
      await remember(cortex, [livesIn("Bath")]);
      let asked = 0;
      cortex.facts.configureBeliefRevision({
        complete: () => {
          asked++;
          return Promise.resolve('{"action": "ADD"}');
        },
      });
      const many = Array.from(
        { length: 60 },
        (_, at) => livesIn(`place ${at}`),
      );
      const { facts } = await remember(cortex, many, {
        skipLayers: ["vector"],
      });
      assertEquals([facts.length, asked], [60, 60]);
    },
  ),
  {
    name:
      "remember() compares meanings where it makes vectors of facts, also with facts that had none",
    async run(subject) {
      await using cortex = subject.open({
        embedder: (texts) => Promise.all(texts.map(temperature)),
      });
      await remember(cortex, [statement("Tea is served cold")]);
      const { factRevisions } = await remember(
        cortex,
        [statement("Tea is served icy")],
        { autoEmbed: true },
      );
      // Three of five words are the same, and so are meaning and subject.
      assertEquals(factRevisions?.[0]?.action, "SUPERSEDE");
      const { facts } = await remember(
        cortex,
        [statement("icy")],
        { autoEmbed: true },
        { beliefRevision: false },
      );
      assertEquals(texts(facts), ["Tea is served icy"]);
      const kept = await remember(
        cortex,
        [statement("cold")],
        { generateEmbedding: temperature, factDeduplication: "exact" },
        { beliefRevision: false },
      );
      assertEquals(texts(kept.facts), ["cold"]);
    },
  },
  {
    name:
      "remember() stores facts without vectors where these cannot be made, by the rules that it was given",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      cortex.facts.configureBeliefRevision(undefined, {
        semanticMatching: {
          generateEmbedding: () => Promise.reject(new Error("no model")),
        },
        history: { enabled: false },
      });
      const { facts, memories } = await remember(cortex, [livesIn("Bath")]);
      assertEquals([texts(facts), memories.length], [["Ada lives in Bath"], 2]);
      assertEquals(await cortex.facts.history(facts[0]!.factId), []);
      assertEquals(logger.lines, [
        "error: Facts are stored without vectors and without a model's decisions",
      ]);
    },
  },
];

/** Cases of calls, which need no backend. */
export const rememberBeliefsCalls: ContractCase<void>[] = [
  {
    name:
      "remember() with facts is one call, and reads once before where a model decides or meanings are compared",
    async run() {
      const fact = statement("f");
      const embedder = () => Promise.resolve([[1, 0]]);
      const names = async (
        params: Partial<RememberParams>,
        options?: RememberOptions,
        llm?: boolean,
      ) => {
        const { cortex, client } = record({ embedder });
        if (llm) {
          cortex.facts.configureBeliefRevision({
            complete: () => Promise.reject(new Error("no model")),
          });
        }
        await remember(cortex as unknown as Cortex, [fact], params, options);
        return client.calls.map(({ name }) => name);
      };
      const write = "memory:remember";
      assertEquals(await names({}), [write]);
      const late = "facts:withoutEmbedding";
      const skipLayers: RememberParams["skipLayers"] = ["vector"];
      const vectors = { autoEmbed: true, skipLayers };
      assertEquals(await names(vectors), [late, write]);
      const plain = { factDeduplication: false } as const;
      assertEquals(await names({ ...vectors, ...plain }), [write]);
      const off = { beliefRevision: false } as const;
      assertEquals(await names(vectors, off), [late, write]);
      assertEquals(await names({}, {}, true), ["facts:candidates", write]);
      assertEquals(await names({}, off, true), [write]);
      const model = { beliefRevision: { llmResolution: false } };
      assertEquals(await names({}, model, true), [write]);
    },
  },
];
