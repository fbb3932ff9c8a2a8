/** `memory.remember`: facts, and the calls of its observer. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ExtractedFact } from "../../../cortex/types/facts.ts";
import type { LayerEvent } from "../../../cortex/types/observer.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  keepingLogger,
  note,
  silent,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const color = (object: string): ExtractedFact => ({
  fact: `Ada's favourite colour is ${object}`,
  factType: "preference",
  subject: "ada",
  predicate: "favourite colour",
  object,
  confidence: 90,
});

/** Cases of facts and of observers. */
export const facadeFactsContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "memory.store() with the id of another memory stores no facts for that, and gives those of its own ids with the time",
    async ({ facts, memory }) => {
      const store = (userId: string, content: string, fact?: string) =>
        memory.store(
          "space",
          note({
            memoryId: "mem-1",
            userId,
            content,
            extractFacts: () =>
              Promise.resolve(
                fact === undefined
                  ? null
                  : [{ fact, factType: "custom", confidence: 50 }],
              ),
          }),
        );
      const { memory: kept } = await store("ada", "Tea");
      for (const [userId, content] of [["ada", "Rum"], ["bob", "Tea"]]) {
        assertEquals(await store(userId!, content!, "Rum is drunk"), {
          memory: kept,
          facts: [],
        });
      }
      await store("ada", "Tea", "Tea is drunk");
      const [told, ...more] = await facts.list({ memorySpaceId: "space" });
      assertEquals([told?.fact, more], ["Tea is drunk", []]);
      assertMatch(told!.factId, /^fact-\d+-[a-z0-9]{16,}$/);
    },
  ),
  cortexCase(
    "remember() stores extracted facts with their source, and belief revision supersedes the old one",
    async (cortex) => {
      const remember = (object: string) =>
        cortex.memory.remember(
          exchange({ extractFacts: () => Promise.resolve([color(object)]) }),
        );
      const first = await remember("red");
      assertEquals(first.facts[0]?.fact, color("red").fact);
      assertEquals(first.facts[0]?.factType, "preference");
      assertEquals(first.facts[0]?.sourceRef, {
        conversationId: "conv-1",
        messageIds: first.conversation.messageIds,
        memoryId: first.memories[0]!.memoryId,
      });
      assertEquals(first.factRevisions?.[0]?.action, "ADD");
      const second = await remember("blue");
      const revision = second.factRevisions?.[0];
      assert(
        revision?.action === "SUPERSEDE" || revision?.action === "UPDATE",
        `action is ${revision?.action}`,
      );
    },
  ),
  cortexCase(
    "remember() without belief revision keeps every colour, and reports no revisions",
    async (cortex) => {
      const ids = new Set<string>();
      for (const object of ["red", "blue"]) {
        const { facts, factRevisions } = await cortex.memory.remember(
          exchange({ extractFacts: () => Promise.resolve([color(object)]) }),
          { beliefRevision: false },
        );
        assertEquals(factRevisions, undefined);
        ids.add(facts[0]!.factId);
      }
      assertEquals(ids.size, 2);
    },
  ),
  cortexCase(
    "remember() stores duplicates with factDeduplication false, and none with exact",
    async (cortex) => {
      const store = async (factDeduplication: false | "exact") => {
        const { facts } = await cortex.memory.remember(
          exchange({
            factDeduplication,
            extractFacts: () => Promise.resolve([color("red")]),
          }),
          { beliefRevision: false },
        );
        return facts[0]?.factId;
      };
      assert(await store(false) !== await store(false), "stored twice");
      assertEquals(await store("exact"), await store("exact"));
    },
  ),
  {
    name:
      "remember() reads confidence from 0 to 1 as a fraction, unknown types as custom, and reports what it refuses",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      const { facts, refusedFacts } = await cortex.memory.remember(exchange({
        extractFacts: () =>
          Promise.resolve([
            { ...color("red"), confidence: 0.95, factType: "mood" as "custom" },
            { ...color("green"), fact: " " },
            { ...color("blue"), confidence: 150 },
            "likes yellow" as never,
            { text: "likes teal" } as never,
          ]),
        factDeduplication: false,
      }));
      assertEquals(
        facts.map(({ confidence, factType }) => [confidence, factType]),
        [[95, "custom"]],
      );
      assertEquals(
        refusedFacts?.map(({ code }) => code),
        [
          "MISSING_REQUIRED_FIELD",
          "INVALID_CONFIDENCE",
          "MISSING_REQUIRED_FIELD",
          "MISSING_REQUIRED_FIELD",
        ],
      );
      assertEquals(refusedFacts?.[0], {
        fact: " ",
        code: "MISSING_REQUIRED_FIELD",
        message:
          "fact is required and cannot be empty: got a string of 1 characters",
      });
      assertEquals(refusedFacts?.[2], {
        fact: "",
        code: "MISSING_REQUIRED_FIELD",
        message:
          "fact is required and must be in an object: got a string of 12 characters",
      });
      assertEquals(
        refusedFacts?.[3]?.message,
        "fact is required and cannot be empty: got undefined",
      );
      assertEquals(logger.lines.length, 4);
    },
  },
  cortexCase(
    "remember() takes what models write in odd forms",
    async (cortex) => {
      const odd = (changes: object) => ({ ...color("red"), ...changes });
      const { facts } = await cortex.memory.remember(exchange({
        extractFacts: () =>
          Promise.resolve([
            odd({ confidence: 0.57, factType: " Preference " }),
            odd({ confidence: 0.29, tags: "colours" }),
            odd({ confidence: "high", tags: { a: 1 }, factType: null }),
          ]),
        factDeduplication: false,
        tags: ["chat"],
      }));
      assertEquals(
        facts.map((row) => [row.confidence, row.factType, row.tags]),
        [
          [57, "preference", ["chat"]],
          [29, color("red").factType, ["chat"]],
          [70, "custom", ["chat"]],
        ],
      );
    },
    { logger: silent },
  ),
  {
    name: "remember() says what an extractor returned that is no array",
    async run(subject) {
      const errors: unknown[] = [];
      const logger = {
        ...silent,
        error: (_: string, error: unknown) => errors.push(String(error)),
      };
      await using cortex = subject.open({ logger });
      const json = JSON.stringify([color("red")]);
      const { facts } = await cortex.memory.remember(exchange({
        extractFacts: () => Promise.resolve(json as unknown as []),
      }));
      assertEquals(facts, []);
      assertEquals(errors, [
        `TypeError: extractFacts must return an array or null: got a string of ${json.length} characters`,
      ]);
    },
  },
  cortexCase(
    "remember() outlives an extractor that throws, finds nothing or returns null",
    async (cortex) => {
      for (
        const extractFacts of [
          () => Promise.reject(new Error("no model")),
          () => Promise.resolve([]),
          () => Promise.resolve(null),
        ]
      ) {
        const { facts, memories } = await cortex.memory.remember(
          exchange({ extractFacts }),
        );
        assertEquals([facts, memories.length], [[], 2]);
      }
      const off = await cortex.memory.remember(
        exchange({ extractFacts: () => Promise.resolve([color("red")]) }),
        { extractFacts: false },
      );
      assertEquals(off.facts, []);
    },
    { logger: silent },
  ),
  cortexCase(
    "a fact that throws when it is read is refused, not the exchange",
    async (cortex) => {
      const unreadable = {
        ...color("blue"),
        get fact(): string {
          throw new Error("not loaded");
        },
      };
      const shapeless = { ...color("green"), fact: Object.create(null) };
      const given = [unreadable, shapeless, color("red")];
      const { facts, memories, refusedFacts } = await cortex.memory.remember(
        exchange({ extractFacts: () => Promise.resolve(given) }),
      );
      assertEquals([facts[0]?.object, facts.length, memories.length], [
        "red",
        1,
        2,
      ]);
      assertEquals(refusedFacts?.map(({ code }) => code), [
        "INVALID_FORMAT",
        "INVALID_FORMAT",
      ]);
    },
    { logger: silent },
  ),
  cortexCase(
    "remember() tells its observer of callbacks that reject with nothing",
    async (cortex) => {
      for (const reason of [null, undefined]) {
        const told: string[] = [];
        const observer = {
          onLayerUpdate: ({ layer, status, error }: LayerEvent) => {
            if (error) told.push(`${layer} ${status} ${error.message}`);
          },
        };
        const reject = () => Promise.reject(reason);
        const { memories } = await cortex.memory.remember(
          exchange({ extractFacts: reject, observer }),
        );
        assertEquals(memories.length, 2);
        const given = exchange({ generateEmbedding: reject, observer });
        const failed = await cortex.memory.remember(given)
          .catch((error) => [error]);
        assertEquals(failed, [reason]);
        assertEquals(told, ["facts error null", `vector error ${reason}`]);
      }
    },
    { logger: silent },
  ),
  cortexCase(
    "remember() tells its observer of every layer in order, then that it is complete",
    async (cortex) => {
      const told: string[] = [];
      let facts: LayerEvent | undefined;
      await cortex.memory.remember(exchange({
        extractFacts: () => Promise.resolve([color("red")]),
        skipLayers: ["users"],
        observer: {
          onOrchestrationStart: (id) => {
            assertMatch(id, /^orch-\d+-[a-z0-9]{16,}$/);
            told.push("start");
          },
          onLayerUpdate: (event) => {
            told.push(`${event.layer} ${event.status}`);
            if (event.layer === "facts") facts = event;
            throw new Error("an observer's own trouble");
          },
          onOrchestrationComplete: ({ layers, createdIds }) => {
            told.push(`complete ${Object.keys(layers).length}`);
            assertEquals(createdIds.memoryIds?.length, 2);
          },
        },
      }));
      assertEquals(told, [
        "start",
        "memorySpace in_progress",
        "memorySpace complete",
        "user skipped",
        "agent in_progress",
        "agent complete",
        "conversation in_progress",
        "conversation complete",
        "vector in_progress",
        "vector complete",
        "facts in_progress",
        "facts complete",
        "graph skipped",
        "complete 7",
      ]);
      assertEquals(facts?.revisionAction, "ADD");
    },
    { logger: silent },
  ),
  cortexCase(
    "remember() tells its observer of the layer that failed, and not that it is complete",
    async (cortex) => {
      await cortex.memory.remember(exchange({ memorySpaceId: "other" }));
      const told: string[] = [];
      await assertCode(
        () =>
          cortex.memory.remember(exchange({
            observer: {
              onLayerUpdate: ({ layer, status, error }) => {
                told.push(`${layer} ${status} ${error?.code ?? ""}`.trim());
              },
              onOrchestrationComplete: () => {
                told.push("complete");
              },
            },
          })),
        "PERMISSION_DENIED",
      );
      assertEquals(told, [
        "conversation in_progress",
        "conversation error PERMISSION_DENIED",
      ]);
    },
  ),
];
