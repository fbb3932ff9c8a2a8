/** Confusable names and times: tenants, spaces, ids, clocks, aborted calls. */
import { assert, assertEquals } from "@std/assert";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  rejectionOf,
} from "./subject.ts";
import { seededRandom } from "../support/random.ts";
import type { ContractCase } from "../types.ts";

/** Tenants and spaces that would be the same if their names were just concatenated. */
const OWNERS:
  readonly (readonly [tenant: string | undefined, space: string])[] = [
    ["a", "b:c"],
    ["a:b", "c"],
    [undefined, "a:b:c"],
    ["a|b", "c"],
    ["a", "b|c"],
    ["a\u0001", "b"],
    ["a", "\u0001b"],
    ["undefined", "s"],
    ["null", "s"],
    [undefined, "s"],
    ['["a"]', "s"],
    ["a", "B:C"],
    ["a", "b:c "],
  ];

const ODD_IDS: readonly string[] = [
  "a|b",
  "it's",
  'say "x"',
  "__proto__",
  "constructor",
  "$where",
  "_id",
  " lead",
  "a/b\\c?d=e#f%00",
  "🦄",
  "e\u0301",
  "\u00e9",
  "x".repeat(256),
];

/** Cases of scopes. */
export const facadeScopeContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "tenants and spaces whose names run together see nothing of each other",
    async (cortex) => {
      for (const [at, [tenantId, memorySpaceId]] of OWNERS.entries()) {
        await cortex.memory.remember(exchange({
          ...tenantId === undefined ? {} : { tenantId },
          memorySpaceId,
          conversationId: `conv-${at}`,
          userMessage: `The zebra has number ${at}.`,
          agentResponse: `So the zebra's number is ${at}, I see.`,
          generateEmbedding: () => Promise.resolve([1, at / 100]),
          extractFacts: () =>
            Promise.resolve([{
              fact: `zebra ${at}`,
              factType: "custom",
              subject: "zebra",
              predicate: "has number",
              object: `${at}`,
              confidence: 90,
            }]),
        }));
      }
      for (const [at, [tenantId, memorySpaceId]] of OWNERS.entries()) {
        const { items } = await cortex.memory.recall({
          ...tenantId === undefined ? {} : { tenantId },
          memorySpaceId,
          query: "zebra",
          embedding: [1, 0],
        });
        assertEquals(items.length, 3, `items of ${at}`);
        for (const { content } of items) {
          assert(
            new RegExp(`\\b${at}\\b`).test(content),
            `${at} sees ${content}`,
          );
        }
      }
    },
  ),
  cortexCase(
    "ids of any signs come back as they were given; NUL is refused",
    async (cortex) => {
      for (const id of ODD_IDS) {
        const ids = {
          memorySpaceId: id,
          conversationId: id,
          userId: id,
          agentId: id,
          userMessageId: id,
        };
        await cortex.memory.remember(exchange(ids));
        const { items } = await cortex.memory.recall({
          memorySpaceId: id,
          query: "printer",
          userId: id,
        });
        assertEquals(items[0]?.memory?.conversationRef, {
          conversationId: id,
          messageIds: [id],
        });
        const found = await cortex.conversations.get(id);
        assertEquals(found?.conversationId, id);
        assertEquals(found?.participants, { userId: id, agentId: id });
      }
      for (
        const name of [
          "memorySpaceId",
          "conversationId",
          "userId",
          "agentId",
          "tenantId",
        ]
      ) {
        await assertCode(
          () => cortex.memory.remember(exchange({ [name]: "a\0b" })),
          "INVALID_ID",
        );
      }
    },
  ),
  cortexCase(
    "messages of one time, or of a clock that goes back, stay in call order",
    async (cortex) => {
      const start = Date.now();
      const turns = Array.from({ length: 12 }, (_, at) => at);
      for (
        const [conversationId, timestampOf] of [
          ["same", () => 1000],
          ["back", (at: number) => start - at * 4000],
        ] as const
      ) {
        await Promise.all(turns.map((at) =>
          cortex.memory.remember(exchange({
            conversationId,
            timestamp: timestampOf(at),
            userMessage: `question ${at}`,
            agentResponse: `The answer to that is ${at}.`,
          }))
        ));
        const found = await cortex.conversations.get(conversationId);
        assertEquals(
          found?.messages.map(({ content }) => content),
          turns.flatMap((at) => [
            `question ${at}`,
            `The answer to that is ${at}.`,
          ]),
          conversationId,
        );
      }
    },
  ),
  cortexCase(
    "of calls that are given up at any moment each is whole or not there, the others succeed",
    async (cortex) => {
      const random = seededRandom(7);
      const calls = Array.from({ length: 60 }, async (_, at) => {
        const given = at % 2 === 0 ? undefined : new AbortController();
        const calling = cortex.memory.remember(
          exchange({ conversationId: `conv-${at}` }),
          { signal: given?.signal },
        );
        if (given === undefined) return await calling;
        const hops = random.below(40);
        for (let hop = 0; hop < hops; hop++) await undefined;
        if (random.below(2) === 0) {
          await new Promise((resolve) => setTimeout(resolve, random.below(9)));
        }
        const reason = new RangeError(`given up ${at}`);
        given.abort(reason);
        const outcome = await calling.catch((error) => error);
        assert(outcome === reason || "memories" in outcome, `${outcome}`);
      });
      await Promise.all(calls);
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "printer drum pages",
        limit: 200,
      });
      const conversations = await Promise.all(
        calls.map((_, at) => cortex.conversations.get(`conv-${at}`)),
      );
      for (const [at, found] of conversations.entries()) {
        const mine = items.filter(({ memory }) =>
          memory?.conversationRef?.conversationId === `conv-${at}`
        );
        assertEquals(found?.messages.length ?? 0, mine.length);
        assert(mine.length === 2 || at % 2 === 1 && found === null);
      }
    },
  ),
  cortexCase(
    "a memory that names a conversation of another space does not show it",
    async (cortex) => {
      const { conversation } = await cortex.memory.remember(exchange());
      const input = note({
        source: { type: "conversation" },
        conversationRef: conversation,
      });
      const shown = async (space: string) => {
        const { memory } = await cortex.memory.store(space, input);
        const [got, [hit], { items }] = await Promise.all([
          cortex.memory.get(space, memory.memoryId, {
            includeConversation: true,
          }),
          cortex.memory.search(space, "spare key", {
            enrichConversation: true,
          }),
          cortex.memory.recall({ memorySpaceId: space, query: "spare key" }),
        ]);
        return [got, hit, items[0]].map((found) => [
          found?.conversation?.conversationId,
          found?.sourceMessages?.length,
        ]);
      };
      const [whole, none] = [["conv-1", 2], [undefined, undefined]];
      assertEquals(await shown("space"), [whole, whole, whole]);
      assertEquals(await shown("other"), [none, none, none]);
    },
  ),
  cortexCase(
    "a call that takes too long rejects, and the next one is answered",
    async (cortex) => {
      const slow = exchange({ extractFacts: () => new Promise(() => {}) });
      const error = await rejectionOf(() =>
        cortex.memory.remember(slow, { timeoutMs: 1 })
      );
      assertEquals(error.code, "TIMEOUT");
      const { memories } = await cortex.memory.remember(exchange());
      assertEquals(memories.length, 2);
    },
  ),
];
