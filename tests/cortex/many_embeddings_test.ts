/** Exchanges whose facts are compared with as many embeddings, or facts, as one transaction may read, and more. */
import { assertEquals } from "@std/assert";
import { Cortex } from "../../src/cortex/cortex.ts";
import type {
  RememberOptions,
  RememberParams,
} from "../../src/cortex/types/memory.ts";
import { inlineClient } from "../support/inline_cortex.ts";

const SPACE = "space";
/** As many numbers as the largest embeddings in common use have. */
const DIMENSIONS = 3072;
const TYPES = [
  "preference",
  "identity",
  "knowledge",
  "relationship",
  "event",
  "observation",
  "custom",
] as const;

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Gives each text a direction of its own. */
function embedder(texts: readonly string[]): Promise<number[][]> {
  return Promise.resolve(texts.map((text) => {
    let seed = [...text].reduce(
      (sum, char) => (sum * 31 + char.charCodeAt(0)) % 65_521,
      7,
    );
    return upTo(DIMENSIONS).map(() => {
      seed = seed * 16_807 % 2_147_483_647;
      return seed / 2_147_483_647 - 0.5;
    });
  }));
}

/** Remembers that shelves hold tea, and a fact that is known. */
const rememberShelves = (
  cortex: Cortex,
  count: number,
  params: Partial<RememberParams>,
  options: RememberOptions,
) =>
  cortex.memory.remember({
    memorySpaceId: SPACE,
    conversationId: "conv",
    agentId: "bot",
    userMessage: "Where is the tea?",
    agentResponse: "On the shelves.",
    autoEmbed: true,
    extractFacts: () =>
      Promise.resolve([
        ...upTo(count).map((at) => ({
          fact: `Shelf ${at} holds tea`,
          subject: `shelf ${at}`,
          object: `tea ${at}`,
        })),
        { fact: "Fact 0", subject: "nothing else", object: "known" },
      ].map((fact, at) => ({
        ...fact,
        factType: TYPES[count > 7 ? 2 : at % 7]!,
        predicate: "holds",
        confidence: 80,
      }))),
    ...params,
  }, options);

for (
  const [how, params, options] of [
    ["revision", {}, {}],
    ["duplicates", { factDeduplication: "semantic" }, {
      beliefRevision: false,
    }],
  ] as const
) {
  Deno.test(`an exchange of forty facts is remembered beside many with large embeddings, by ${how}`, async () => {
    await using client = inlineClient();
    await using cortex = new Cortex({ client, embedder });
    const facts = upTo(50).map((at) => `Fact ${at}`);
    const vectors = await embedder(facts);
    for (const [at, fact] of facts.entries()) {
      const embedding = vectors[at]!;
      await cortex.facts.store({
        memorySpaceId: SPACE,
        fact,
        factType: "knowledge",
        confidence: 80,
        sourceType: "manual",
        userId: "ann",
        ...{ embedding },
      });
    }
    const ann = { userId: "ann", userName: "Ann" };
    await rememberShelves(cortex, 40, { ...ann, ...params }, options);
    assertEquals(await cortex.facts.count({ memorySpaceId: SPACE }), 90);
  });
}

Deno.test("an exchange of facts of all types is remembered beside large ones without embeddings", async () => {
  await using client = inlineClient();
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const logger = { debug() {}, info() {}, warn, error: warn };
  await using cortex = new Cortex({ client, embedder, logger });
  const text = "x".repeat(700_000);
  for (const factType of TYPES) {
    for (const at of upTo(2)) {
      await cortex.facts.store({
        memorySpaceId: SPACE,
        fact: `${at} ${text}`,
        factType,
        confidence: 80,
        sourceType: "manual",
      });
    }
  }
  const params = { factDeduplication: "semantic" } as const;
  await rememberShelves(cortex, 6, params, { beliefRevision: false });
  assertEquals(warnings, []);
  assertEquals(await cortex.facts.count({ memorySpaceId: SPACE }), 21);
});
