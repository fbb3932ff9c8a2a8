/** A tenant's rows of every kind, stored by the facade. */
import type { Cortex } from "../../src/cortex/cortex.ts";

export const SPACE = "space";
export const tea = {
  memorySpaceId: SPACE,
  fact: "Ada likes tea.",
  factType: "preference" as const,
  subject: "ada",
  predicate: "likes",
  object: "tea",
  confidence: 80,
  sourceType: "manual" as const,
  userId: "ada",
};
export const note = (memoryId: string) => ({
  memoryId,
  content: "The spare key is under the third flower pot.",
  contentType: "raw" as const,
  source: { type: "system" as const },
  userId: "ada",
  metadata: { importance: 80, tags: ["home"] },
});
export const talk = {
  memorySpaceId: SPACE,
  conversationId: "conv-1",
  userId: "ada",
  userName: "Ada",
  agentId: "helper",
  userMessage: "My printer is a Brother HL-2030.",
  agentResponse: "Its drum lasts about 12,000 pages.",
  userMessageId: "u-1",
  agentMessageId: "a-1",
};
export const bob = { id: "bob", type: "user" as const, joinedAt: 1 };
export const about = { memorySpaceId: SPACE };
export const adas = { ...about, userId: "ada" };

/** An agent as a line of an export. */
export const bundle = JSON.stringify({
  table: "agents",
  row: {
    agentId: "helper",
    name: "Helper",
    status: "active",
    registeredAt: 1,
    updatedAt: 1,
  },
});

/** What {@link seed} cannot choose: ids of facts. */
export interface Seeded {
  first: string;
  second: string;
}

/** Stores rows of every kind. */
export async function seed(cortex: Cortex<never>): Promise<Seeded> {
  await cortex.memorySpaces.register({
    ...about,
    name: "Space one",
    type: "team",
    participants: [{ id: "ada", type: "user", joinedAt: 1 }],
  });
  await cortex.agents.register({ id: "helper", name: "Helper" });
  for (const color of ["red", "blue"]) {
    await cortex.users.update("ada", { color, displayName: "Ada" });
    await cortex.immutable.store({
      type: "doc",
      id: "doc-1",
      userId: "ada",
      data: { color },
    });
  }
  await cortex.mutable.set("cart", "k1", 1, "ada");
  await cortex.memory.remember(talk);
  for (const memoryId of ["m-1", "m-2", "m-3"]) {
    await cortex.vector.store(SPACE, note(memoryId));
  }
  await cortex.vector.update(SPACE, "m-1", { importance: 70 });
  await cortex.memory.archive(SPACE, "m-2");
  const { factId: first } = await cortex.facts.store(tea);
  const { factId: old } = await cortex.facts.store({
    ...tea,
    fact: "Ada likes coffee.",
    object: "coffee",
  });
  const { factId: second } = await cortex.facts.update(SPACE, old, {
    fact: "Ada likes green tea.",
  });
  return { first, second };
}
