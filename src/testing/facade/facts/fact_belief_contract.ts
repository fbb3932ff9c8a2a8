/** `facts`: contradictions, and who decides them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  BeliefRevisionLLMClient,
  ConflictCandidate,
  LLMCompleteOptions,
  ReviseParams,
} from "../../../cortex/types/fact_belief.ts";
import { ids, storeFact, temperature, texts } from "./fact_support.ts";
import {
  cortexCase,
  type FacadeSubject,
  keepingLogger,
  rejectionOf,
  silent,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const space = { memorySpaceId: "space" };

const revise = (
  cortex: Cortex,
  fact: Partial<ConflictCandidate> = {},
  more: Partial<ReviseParams> = {},
) =>
  cortex.facts.revise({
    ...space,
    ...more,
    fact: { fact: "Ada lives in Bath", confidence: 80, ...fact },
  });

const livesIn = (object: string) => ({
  fact: `Ada lives in ${object}`,
  subject: "Ada",
  predicate: "lives in",
  object,
  confidence: 80,
});

/** A model with given answers that records its prompts. */
function model(
  answer: (options: LLMCompleteOptions) => string,
): BeliefRevisionLLMClient & { asked: LLMCompleteOptions[] } {
  const asked: LLMCompleteOptions[] = [];
  return {
    asked,
    complete(options) {
      asked.push(options);
      return Promise.resolve(answer(options));
    },
  };
}

/** Cases of belief revision. */
export const factBeliefContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.revise() adds what is new, keeps what is known, and puts a new value in the place of the old",
    async (cortex) => {
      assert(cortex.facts.hasBeliefRevision());
      const params = Object.freeze({
        ...space,
        fact: Object.freeze(livesIn("Bath")),
        userId: "ada",
        sourceRef: { conversationId: "c-1" },
      });
      const first = await cortex.facts.revise(params);
      const { action, fact, superseded, reason, confidence } = first;
      assertEquals([action, superseded, confidence], ["ADD", [], 100]);
      assertStringIncludes(reason, "No conflicts found");
      assertEquals(
        [fact.factType, fact.sourceType, fact.tags, fact.userId],
        ["custom", "conversation", [], "ada"],
      );
      assertEquals(first.pipeline, {
        slotMatching: { executed: true, matched: false },
        semanticMatching: { executed: true, matched: false },
        subjectTypeMatching: { executed: false, matched: false },
        llmResolution: { executed: false, decision: "ADD" },
      });
      const same = await revise(cortex, livesIn("bath"));
      assertEquals([same.action, same.fact.factId], ["NONE", fact.factId]);
      assertEquals((await cortex.facts.history(fact.factId)).length, 1);
      const surer = await revise(cortex, {
        ...livesIn("Bath"),
        confidence: 99,
        tags: ["home"],
      });
      assertEquals(
        [
          surer.action,
          surer.fact.factId,
          surer.fact.version,
          surer.fact.confidence,
          surer.fact.tags,
        ],
        ["UPDATE", fact.factId, 1, 99, ["home"]],
      );
      const moved = await revise(cortex, livesIn("York"));
      assertEquals(moved.action, "SUPERSEDE");
      assertEquals(ids(moved.superseded), [fact.factId]);
      assertEquals(moved.superseded[0]?.supersededBy, moved.fact.factId);
      assertEquals(moved.pipeline.slotMatching, {
        executed: true,
        matched: true,
        factIds: [fact.factId],
      });
      assertEquals(texts(await cortex.facts.list(space)), [
        "Ada lives in York",
      ]);
      const [event] = await cortex.facts.history(moved.fact.factId);
      assertEquals(
        [event?.action, event?.pipeline],
        ["SUPERSEDE", { slotMatching: true }],
      );
    },
  ),
  cortexCase(
    "facts.revise() keeps several values where a slot holds many, and other users' facts apart",
    async (cortex) => {
      const allergic = (object: string) => ({
        fact: `Ada is allergic to ${object}`,
        subject: "ada",
        predicate: "allergic to",
        object,
      });
      await revise(cortex, allergic("peanuts"));
      const { action } = await revise(cortex, allergic("shellfish"));
      assertEquals(action, "ADD");
      await revise(cortex, livesIn("Bath"), { userId: "ada" });
      const other = await revise(cortex, livesIn("York"), { userId: "bob" });
      assertEquals(other.action, "ADD");
      assertEquals(await cortex.facts.count(space), 4);
    },
  ),
  cortexCase(
    "facts.configureBeliefRevision() adds slots, switches stages off and silences the history",
    async (cortex) => {
      const wears = (object: string) => ({
        fact: `Ada: ${object}`,
        subject: "ada",
        predicate: "wears size",
        object,
      });
      cortex.facts.configureBeliefRevision(undefined, {
        slotMatching: { predicateClasses: { shoe_size: ["wears size"] } },
        history: { enabled: false },
      });
      const { fact } = await revise(cortex, wears("38"));
      assertEquals((await revise(cortex, wears("39"))).action, "SUPERSEDE");
      assertEquals(await cortex.facts.history(fact.factId), []);
      cortex.facts.configureBeliefRevision(undefined, {
        slotMatching: { enabled: false },
        semanticMatching: { enabled: false },
      });
      const { action, pipeline } = await revise(cortex, wears("40"));
      assertEquals(action, "ADD");
      assertEquals(
        [pipeline.slotMatching?.executed, pipeline.semanticMatching?.executed],
        [false, false],
      );
    },
  ),
  cortexCase(
    "facts.configureBeliefRevision() with what is wrong lets nothing be revised, and names it, until it is configured again",
    async (cortex) => {
      const configure = (config?: object) =>
        cortex.facts.configureBeliefRevision(undefined, config);
      const near = (part: object) => ({ semanticMatching: part });
      const wrong: [object, field: string][] = [
        [{ slotMatching: { enabled: "no" } }, "slotMatching.enabled"],
        [{ llmResolution: { enabled: 0 } }, "llmResolution.enabled"],
        [near({ generateEmbedding: 5 }), "semanticMatching.generateEmbedding"],
        [near({ threshold: 2 }), "semanticMatching.threshold"],
        [near({ limit: 0 }), "semanticMatching.limit"],
      ];
      const remember = () =>
        cortex.memory.remember({
          ...space,
          conversationId: "chat",
          userId: "ada",
          userName: "Ada",
          agentId: "bot",
          userMessage: "I live in Bath",
          agentResponse: "Lovely!",
          extractFacts: () =>
            Promise.resolve([{ ...livesIn("Bath"), factType: "identity" }]),
        });
      for (const [config, field] of wrong) {
        configure(config);
        for (const call of [() => revise(cortex), remember]) {
          const error = await rejectionOf(call);
          assertEquals(
            [error.name, error.code, error.field],
            ["FactsValidationError", "INVALID_FORMAT", field],
          );
        }
      }
      assertEquals(await cortex.facts.count(space), 0);
      assertEquals(await cortex.conversations.count(), 0);
      configure();
      assertEquals((await revise(cortex)).action, "ADD");
    },
    { logger: silent },
  ),
  cortexCase(
    "facts.revise() compares meanings where vectors are made, above the configured likeness",
    async (cortex) => {
      cortex.facts.configureBeliefRevision(undefined, {
        semanticMatching: { generateEmbedding: temperature, limit: 2 },
      });
      await storeFact(cortex, { factType: "custom", fact: "The tea is cold" });
      const { pipeline } = await revise(cortex, { fact: "The tea is icy" });
      assertEquals(pipeline.semanticMatching?.matched, true);
      const check = await cortex.facts.checkConflicts({
        ...space,
        fact: { fact: "icy", confidence: 50 },
      });
      assertEquals(check.hasConflicts, true);
      assertEquals(check.semanticConflicts[0]?.score, 1);
      cortex.facts.configureBeliefRevision(undefined, {
        semanticMatching: { generateEmbedding: temperature, threshold: 0.9 },
      });
      const { semanticConflicts } = await cortex.facts.checkConflicts({
        ...space,
        fact: { fact: "lukewarmish", confidence: 50 },
      });
      assertEquals(semanticConflicts, []);
    },
  ),
  cortexCase(
    "facts.revise() compares facts of one subject and kind where nothing else is found",
    async (cortex) => {
      const likes = (what: string) => ({
        fact: `ada likes strong black ${what}`,
        factType: "preference",
        subject: "ada",
      });
      await revise(cortex, likes("tea"));
      const { action, pipeline } = await revise(cortex, likes("coffee"));
      assertEquals(action, "SUPERSEDE");
      assertEquals(pipeline.subjectTypeMatching?.matched, true);
      const { factType: _, ...unknown } = likes("coffee of all");
      const other = await revise(cortex, unknown);
      assertEquals(other.action, "ADD");
      assertEquals(other.pipeline.subjectTypeMatching?.executed, false);
    },
  ),
  cortexCase(
    "facts.checkConflicts() tells what a fact would meet, writes nothing",
    async (cortex) => {
      const none = await cortex.facts.checkConflicts({
        ...space,
        fact: livesIn("Bath"),
      });
      assertEquals(none, {
        hasConflicts: false,
        slotConflicts: [],
        semanticConflicts: [],
        recommendedAction: "ADD",
        reason: "No conflicts found",
      });
      const { fact } = await revise(cortex, livesIn("Bath"));
      const check = await cortex.facts.checkConflicts({
        ...space,
        fact: livesIn("York"),
      });
      assertEquals(ids(check.slotConflicts), [fact.factId]);
      assertEquals(
        [check.hasConflicts, check.recommendedAction],
        [true, "SUPERSEDE"],
      );
      assertEquals(texts(await cortex.facts.list(space)), [fact.fact]);
    },
  ),
  cortexCase(
    "facts.revise() asks the model about known facts only, and does what it decides",
    async (cortex) => {
      const { fact: old } = await revise(cortex, livesIn("Bath"));
      const llm = model(() =>
        JSON.stringify({
          action: "UPDATE",
          targetFactId: old.factId,
          mergedFact: "Ada lives in Bath and York",
          reason: "two homes",
        })
      );
      cortex.facts.configureBeliefRevision(llm, {
        llmResolution: { model: "m-1" },
      });
      await revise(cortex, { fact: "Bob sings", subject: "bob" });
      assertEquals(llm.asked.length, 0, "there is nothing to decide");
      const fact = livesIn("York");
      const check = await cortex.facts.checkConflicts({ ...space, fact });
      assertEquals(
        [check.recommendedAction, check.reason],
        ["UPDATE", "two homes"],
      );
      const { action, fact: merged, pipeline, confidence } = await revise(
        cortex,
        fact,
      );
      assertEquals(
        [action, merged.factId, merged.fact, confidence],
        ["UPDATE", old.factId, "Ada lives in Bath and York", 75],
      );
      assertEquals(pipeline.llmResolution, {
        executed: true,
        decision: "UPDATE",
      });
      const { system, prompt, model: name, responseFormat } = llm.asked.at(-1)!;
      assertEquals([name, responseFormat], ["m-1", "json"]);
      assertStringIncludes(system, "SUPERSEDE");
      assertStringIncludes(prompt, old.factId);
      const [event] = await cortex.facts.history(old.factId);
      assertEquals(event?.pipeline, {
        slotMatching: true,
        llmResolution: true,
      });
    },
  ),
  {
    name:
      "facts.revise() decides by itself where the model fails, dreams or is switched off",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      await revise(cortex, livesIn("Bath"));
      const answers = [
        "I cannot say",
        '{"action": "MERGE"}',
        '{"action": "SUPERSEDE", "targetFactId": "fact-dreamt"}',
      ];
      for (const answer of answers) {
        cortex.facts.configureBeliefRevision(model(() => answer));
        const { action, pipeline } = await revise(cortex, livesIn("bath"));
        assertEquals(action, "NONE");
        assertEquals(pipeline.llmResolution?.executed, false);
      }
      assertEquals(logger.lines.length, answers.length);
      const unasked = model(() => "never");
      cortex.facts.configureBeliefRevision(unasked, {
        llmResolution: { enabled: false },
      });
      assertEquals((await revise(cortex, livesIn("bath"))).action, "NONE");
      assertEquals(unasked.asked, []);
    },
  },
  cortexCase(
    "facts.revise() adds a fact whose target is gone by the time of the write, and says so",
    async (cortex) => {
      const { fact: old } = await revise(cortex, livesIn("Bath"));
      cortex.facts.configureBeliefRevision({
        async complete() {
          await cortex.facts.delete("space", old.factId);
          return JSON.stringify({
            action: "SUPERSEDE",
            targetFactId: old.factId,
          });
        },
      });
      const { action, superseded } = await revise(cortex, livesIn("York"));
      assertEquals([action, superseded], ["ADD", []]);
    },
    { logger: silent },
  ),
  {
    name:
      "facts.configureBeliefRevision() gives nothing, whether the module is loaded, on its way or closed",
    async run(subject) {
      const cortex = subject.open();
      const configure = (): unknown => cortex.facts.configureBeliefRevision();
      assertEquals(configure(), undefined);
      await cortex.facts.count(space);
      assertEquals(configure(), undefined);
      await cortex.close();
      assertEquals(configure(), undefined);
      const unloaded = subject.open();
      await unloaded.close();
      const late: unknown = unloaded.facts.configureBeliefRevision();
      assertEquals(late, undefined);
    },
  },
];
