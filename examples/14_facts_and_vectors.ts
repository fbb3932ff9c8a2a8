// Plug in your models: one finds facts, one makes vectors. Run: deno run examples/14_facts_and_vectors.ts
import { Cortex, type ExtractFactsFn } from "../mod.ts";

/** Stands in for your language model, asked for JSON of this shape. */
const extractFacts: ExtractFactsFn = (userMessage) => {
  const [, city] = /I (?:live in|moved to) (\w+)/.exec(userMessage) ?? [];
  return Promise.resolve(
    city === undefined ? null : [{
      fact: `Ines lives in ${city}`,
      factType: "identity",
      subject: "Ines",
      predicate: "lives in",
      object: city,
      confidence: 90,
    }],
  );
};

/** Stands in for your embedding model: one vector per text. Here a text is about animals, about money, or neither. */
const embedder = (texts: string[]) =>
  Promise.resolve(texts.map((text) => [
    Number(/cat|dog|pet|vet/.test(text)),
    Number(/rent|bank|salary/.test(text)),
    0.1,
  ]));

await using cortex = new Cortex({ embedder });
const tell = (userMessage: string) =>
  cortex.memory.remember({
    memorySpaceId: "ines",
    conversationId: "c-1",
    userId: "ines",
    userName: "Ines",
    agentId: "bot",
    userMessage,
    agentResponse: "Thank you for telling me.",
    extractFacts,
    autoEmbed: true, // embeds what is stored; recall embeds every query anyway
  });

await tell("I live in Porto with two cats.");
await tell("The rent is due on Friday.");
const { factRevisions } = await tell("I moved to Braga last week.");
for (const { action, fact } of factRevisions ?? []) {
  console.log(`${action}: ${fact.fact}`);
}
const { items } = await cortex.memory.recall({
  memorySpaceId: "ines",
  query: "Has she a pet?",
});
console.log(items[0]?.source, items[0]?.content);
