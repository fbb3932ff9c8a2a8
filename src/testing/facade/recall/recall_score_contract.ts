/**
 * `memory.recall`: explained scores, the budget of its context, what it never returns, and embeddings of several
 * lengths.
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
} from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { CiteBy, RecallParams } from "../../../cortex/types/recall.ts";
import {
  cortexCase,
  exchange,
  type FacadeSubject,
  keepingLogger,
  note,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const QUERY = "Where is the spare key?";

function ask(cortex: Cortex, changes: Partial<RecallParams> = {}) {
  return cortex.memory.recall({
    memorySpaceId: "space",
    query: QUERY,
    ...changes,
  });
}

const fact = (text: string, object: string) => ({
  fact: text,
  factType: "knowledge" as const,
  subject: "spare key",
  predicate: "lies",
  object,
  confidence: 90,
});

/** Cases of `recall` about scores, context and what is left out. */
export const facadeRecallScoreContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "recall() answers a user's question of themselves with what is newest of them",
    async (cortex) => {
      const say = (userId: string, userMessage: string, object: string) =>
        cortex.memory.remember(exchange({
          conversationId: `conv-${userId}`,
          userId,
          userName: userId,
          userMessage,
          agentResponse: "Got it!",
          extractFacts: () =>
            Promise.resolve([fact(`${userId} has a ${object}`, object)]),
        }));
      await say("ada", "My cat sleeps on the piano.", "cat");
      await say("ada", "The rent is due on Friday.", "flat");
      await say("bob", "I bought a kayak.", "kayak");
      const items = async (query: string, userId?: string, limit?: number) => {
        const { items } = await ask(cortex, { query, userId, limit });
        return items.map(({ content, score }) => [content, score]);
      };
      for (
        const query of [
          "Who am I?",
          "What do you know about me?",
          "what did I say",
        ]
      ) {
        assertEquals(await items(query, "ada", 3), [
          ["ada has a flat", 0],
          ["The rent is due on Friday.", 0],
          ["ada has a cat", 0],
        ]);
        // A greater limit adds items, and changes none of the others.
        const all = await items(query, "ada");
        assertEquals(all.length, 4);
        for (const limit of [1, 2, 3]) {
          assertEquals(await items(query, "ada", limit), all.slice(0, limit));
        }
      }
      const { items: facts } = await ask(cortex, {
        query: "Who am I?",
        userId: "ada",
        sources: { vector: false },
        limit: 2,
      });
      assertEquals(facts.length, 2);
      const [said, ...others] = await items("Remind me what I said", "ada");
      assertEquals([said, others.length], [["ada has a flat", 0], 3]);
      assertEquals(await items("Who am I?"), []);
      assertEquals(await items("Who am I?", "eve"), []);
      assertEquals(await items("Hello", "ada"), []);
      assertEquals(await items("Do I own a submarine?", "ada"), []);
      const { items: none } = await ask(cortex, {
        query: "Who am I?",
        userId: "ada",
        sources: { facts: false, vector: true },
        minImportance: 90,
        explain: true,
      });
      assertEquals(none, []);
      // What the filters leave out takes no place of what they let through.
      const newest = await cortex.facts.store({
        memorySpaceId: "space",
        fact: "ada has a guess",
        factType: "custom",
        confidence: 10,
        sourceType: "manual",
        userId: "ada",
      });
      const best = async (changes: Partial<RecallParams>) => {
        const { items: [first] } = await ask(cortex, {
          query: "Who am I?",
          userId: "ada",
          limit: 1,
          ...changes,
        });
        return first?.content;
      };
      assertEquals(await best({}), newest.fact);
      assertEquals(await best({ minConfidence: 50 }), "ada has a flat");
      const rent = await cortex.memory.search("space", "rent");
      await cortex.memory.archive("space", rent[0]!.memoryId);
      const sources = { facts: false };
      assertEquals(await best({ sources }), "My cat sleeps on the piano.");
    },
  ),
  cortexCase(
    "recall() explains each score when asked to, by parts that make it up",
    async (cortex) => {
      await cortex.memory.remember(exchange({
        userMessage: "I hid the spare key yesterday.",
        agentResponse: "Is the spare key under the pot?",
        extractFacts: () =>
          Promise.resolve([fact("The spare key is under the pot", "pot")]),
      }));
      await cortex.vector.store("space", note({ embedding: [1, 0] }));
      const { items } = await ask(cortex, {
        explain: true,
        embedding: [0.8, 0.6],
      });
      assertEquals(new Set(items.map(({ type }) => type)).size, 2);
      for (const { score, explanation: e } of items) {
        const text = (e!.words + e!.session + e!.phrase + e!.coverage +
          e!.date + e!.when + e!.length) * e!.speaker * e!.question * e!.reply;
        const sum = e!.scale * e!.prior * (text + e!.vector + e!.facts);
        assertAlmostEquals(sum, score, 1e-9);
        assert(e!.prior >= 0.85 && e!.prior <= 1.15, `prior is ${e!.prior}`);
      }
      assert(items.some(({ explanation }) => explanation!.vector > 0));
      assert(items.some(({ explanation }) => explanation!.facts > 0));
      assert(items.some(({ explanation }) => explanation!.question < 1));
      const plain = await ask(cortex, { embedding: [0.8, 0.6] });
      // Ignores the order: scores that are almost equal change with time.
      const idsOf = (found: { id: string }[]) =>
        found.map(({ id }) => id).sort();
      assertEquals(idsOf(plain.items), idsOf(items));
      assert(plain.items.every((item) => !("explanation" in item)));
    },
  ),
  cortexCase(
    "recall() counts the words of a question of nothing but stop words, also of what is found by its embedding",
    async (cortex) => {
      const said = "Nobody in the lighthouse knows who it is.";
      const stores = [[said, 0.9], ["The lamp needs oil.", 1]] as const;
      for (const [content, x] of stores) {
        const embedding = [x, Math.sqrt(1 - x * x)];
        await cortex.vector.store("space", note({ content, embedding }));
        await cortex.memory.remember(exchange({
          skipLayers: ["conversations", "vector"],
          autoEmbed: true,
          extractFacts: () =>
            Promise.resolve([{ ...fact(content, content), subject: content }]),
        }));
      }
      const { items } = await ask(cortex, {
        query: "Who is it?",
        embedding: [1, 0],
      });
      const contents = items.map(({ content }) => content);
      assertEquals(contents.slice(0, 2), [said, said]);
      assertEquals(contents.length, 4);
    },
    {
      embedder: (texts) =>
        Promise.resolve(
          texts.map((text) => text.startsWith("Nobody") ? [0.9, 0.4] : [1, 0]),
        ),
    },
  ),
  cortexCase(
    "recall() keeps its context within maxTokens and cites the ids of what is in it",
    async (cortex) => {
      for (let at = 0; at < 30; at++) {
        await cortex.memory.store(
          "space",
          note({ content: `Spare key number ${at} hangs on hook ${at}.` }),
        );
      }
      const { items, context } = await ask(cortex);
      assertEquals(items.length, 20);
      for (const { id } of items) assertStringIncludes(context!, `[${id}]`);
      for (const maxTokens of [60, 200, 500]) {
        const { items, context } = await ask(cortex, { maxTokens });
        assert(Math.ceil(context!.length / 4) <= maxTokens, `${maxTokens}`);
        const cited = items.filter(({ id }) => context!.includes(`[${id}]`));
        // Ids with more digits are longer: one may not fit where the next does.
        assert(cited.length > 0);
        assertEquals(cited[0], items[0]);
      }
      assertEquals((await ask(cortex, { maxTokens: 2000 })).items.length, 30);
      assertEquals(
        (await ask(cortex, { maxTokens: 2000, limit: 3 })).items.length,
        3,
      );
      assertEquals((await ask(cortex, { maxTokens: 1 })).context, "");
    },
  ),
  cortexCase(
    "a context that cites by number has room for more, and its numbers are those of the items",
    async (cortex) => {
      for (let at = 0; at < 30; at++) {
        const content = `Spare key number ${at} hangs on hook ${at}.`;
        await cortex.memory.store("space", note({ content }));
      }
      const lines = async (citeBy: CiteBy) => {
        const { items, context } = await ask(cortex, {
          maxTokens: 400,
          citeBy,
        });
        const cited = /^(\[.*?\]: .*) \[(.*?)\]$/gm;
        return {
          items,
          cited: [...context!.matchAll(cited)].map(([, text, name]) =>
            [text!, name!] as const
          ),
        };
      };
      const { items, cited } = await lines("number");
      for (const [text, number] of cited) {
        assertStringIncludes(text, items[Number(number) - 1]!.content);
      }
      assertEquals(cited[0]?.[1], "1");
      const byId = await lines("id");
      assert(cited.length > 1.5 * byId.cited.length, `${cited.length}`);
      assertEquals(byId.cited[0], [cited[0]![0], items[0]!.id]);
    },
  ),
  cortexCase(
    "a context quotes what answers in long texts, not their starts",
    async (cortex) => {
      const filler = "Paragraphs tell of weather and of boats. ".repeat(60);
      for (const place of ["shed", "boiler", "garden", "hall"]) {
        const content = `${filler}The spare key is in the ${place}. ${filler}`;
        await cortex.memory.store("space", note({ content }));
      }
      const { context, items } = await ask(cortex, { maxTokens: 1500 });
      for (const place of ["shed", "boiler", "garden", "hall"]) {
        assertStringIncludes(context!, `The spare key is in the ${place}.`);
      }
      for (const { content, passageStart } of items) {
        const lead = content.indexOf("The spare key") - passageStart!;
        assert(lead >= 0 && lead <= 250, `${lead}`);
      }
    },
  ),
  cortexCase(
    "recall() never returns what is archived, deleted, superseded, replaced or half streamed",
    async (cortex) => {
      const store = async (content: string) =>
        (await cortex.memory.store("space", note({ content }))).memory.memoryId;
      const kept = await store("The spare key is in the shed.");
      const archived = await store("The spare key is on the roof.");
      const deleted = await store("The spare key is in the car.");
      const changed = await store("The spare key is in the well.");
      await cortex.memory.archive("space", archived);
      await cortex.memory.delete("space", deleted);
      await cortex.memory.update("space", changed, {
        content: "The bucket is in the well.",
      });
      const client = cortex.getClient();
      await client.mutation("memories:storePartialMemory", {
        memorySpaceId: "space",
        conversationId: "c",
        userId: "ada",
        content: "The spare key is half",
        isPartial: true,
        importance: 50,
        tags: [],
      });
      const facts: string[] = [];
      for (const place of ["cellar", "attic"]) {
        const { facts: [stored] } = await cortex.memory.remember(exchange({
          skipLayers: ["vector"],
          extractFacts: () =>
            Promise.resolve([fact(`The spare key is in the ${place}`, place)]),
          factDeduplication: false,
        }));
        facts.push(stored!.factId);
      }
      await cortex.facts.delete("space", facts[0]!);
      for (
        const changes of [{}, { embedding: [1, 0] }, {
          tags: ["home"],
          limit: 100,
        }]
      ) {
        const { items, sources, context } = await ask(cortex, changes);
        const memories = new Set(sources.vector.items.map((m) => m.memoryId));
        assertEquals(memories.has(kept), true, JSON.stringify(changes));
        for (const gone of [archived, deleted, changed]) {
          assertEquals(memories.has(gone), false, gone);
        }
        assert(!items.some(({ id }) => id === facts[0]));
        assert(!/roof|in the car|well|half|cellar/.test(context!), context);
      }
    },
  ),
  cortexCase(
    "recall() never returns a fact that another has superseded",
    async (cortex) => {
      const tell = (place: string) =>
        cortex.memory.remember(exchange({
          skipLayers: ["vector"],
          extractFacts: () =>
            Promise.resolve([{
              fact: `Ada lives in ${place}`,
              factType: "identity" as const,
              subject: "ada",
              predicate: "lives_in",
              object: place,
              confidence: 90,
            }]),
        }));
      await tell("Lima");
      const { factRevisions } = await tell("Oslo");
      assertEquals(factRevisions?.map(({ action }) => action), ["SUPERSEDE"]);
      const { items, context } = await ask(cortex, {
        query: "Where does Ada live?",
      });
      assertEquals(items.map(({ content }) => content), ["Ada lives in Oslo"]);
      assert(!context!.includes("Lima"));
    },
  ),
  {
    name:
      "recall() takes embeddings of any length, and warns when a space has others only",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      for (const length of [1, 3, 384, 1000, 1536]) {
        const memorySpaceId = `space-${length}`;
        const embedding = Array.from({ length }, (_, at) => at === 0 ? 1 : 0);
        await cortex.vector.store(memorySpaceId, note({ embedding }));
        const find = async (embedding: number[]) =>
          (await cortex.memory.recall({
            memorySpaceId,
            query: "unlock",
            embedding,
          })).items.length;
        assertEquals(await find(embedding), 1, `length ${length}`);
        const before = logger.lines.length;
        assertEquals(await find([...embedding, 0]), 0);
        const [warning, ...others] = logger.lines.slice(before);
        assertStringIncludes(warning!, `"${memorySpaceId}"`);
        assertStringIncludes(warning!, `has ${length + 1} numbers`);
        assertStringIncludes(warning!, `have ${length}`);
        assertEquals(others, []);
      }
      const before = logger.lines.length;
      await ask(cortex, { embedding: [1, 2] });
      assertEquals(logger.lines.length, before, "nothing stored: no warning");
      const memorySpaceId = "space-3";
      await cortex.vector.store(
        memorySpaceId,
        note({ embedding: [1, 0, 0, 0] }),
      );
      await ask(cortex, {
        memorySpaceId,
        userId: "nobody",
        embedding: [1, 0, 0, 0],
      });
      assertEquals(logger.lines.length, before, "both lengths: no warning");
    },
  },
];
