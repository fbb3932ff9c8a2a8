/** What is seen of a space and its users. */
import type { Operation, Scene } from "./choice.ts";

export const lookOperations: Readonly<Record<string, Operation>> = {
  lookAtSpace,
  lookAtTenant,
  search,
  lookAtFacts,
  exports,
};

async function lookAtSpace(scene: Scene): Promise<unknown> {
  const { world, cortex, space, user, memory } = scene;
  const inSpace = { memorySpaceId: space };
  const ofUser = { memorySpaceId: space, userId: user };
  return {
    memories: world.texts(await cortex.memory.list(inSpace)),
    users: world.texts(await cortex.memory.list(ofUser)),
    memory: await cortex.memory.get(space, memory),
    facts: world.texts(
      await cortex.facts.list({ ...inSpace, includeSuperseded: true }),
    ),
    changes: world.texts(await cortex.facts.getChanges(inSpace)),
    counts: [
      await cortex.memory.count(inSpace),
      await cortex.memory.count(ofUser),
      await cortex.facts.count(inSpace),
      await cortex.facts.count(ofUser),
      await cortex.conversations.count(inSpace),
    ],
    stats: await cortex.memorySpaces.getStats(space).catch(codeOf),
  };
}

async function lookAtTenant(scene: Scene): Promise<unknown> {
  const { world, cortex, space, conversation, message } = scene;
  const talks = await cortex.conversations.list({ memorySpaceId: space });
  return {
    talks: world.texts(talks.conversations),
    message: await cortex.conversations.getMessage(conversation, message)
      .catch(codeOf),
    agents: world.texts(await cortex.agents.list()),
    spaces: world.texts((await cortex.memorySpaces.list()).spaces),
  };
}

async function search(scene: Scene): Promise<unknown> {
  const { world, cortex, space, user } = scene;
  const recalled = await cortex.memory.recall({
    memorySpaceId: space,
    query: "tea",
    userId: user,
  });
  const found = await cortex.conversations.search({
    query: "tea",
    filters: { memorySpaceId: space },
  });
  const near = await cortex.vector.search(space, "tea", {
    embedding: [1, 0, 0],
    userId: user,
  });
  return {
    recalled: world.texts(recalled.items.map(({ content }) => content)),
    said: world.texts(found),
    near: world.texts(near.map(({ content }) => content)),
    memories: (await cortex.memory.search(space, "tea", { userId: user }))
      .length,
    enriched: await cortex.memory.get(space, scene.memory, {
      includeConversation: true,
    }),
  };
}

const codeOf = (error: { code?: string }): string => `refused: ${error.code}`;

async function lookAtFacts(scene: Scene): Promise<unknown> {
  const { world, cortex: { facts }, space, user, subject } = scene;
  const inSpace = { memorySpaceId: space };
  return {
    about: world.texts(
      await facts.queryBySubject({ ...inSpace, subject: subject ?? user }),
    ),
    found: (await facts.search(space, "tea", { userId: user })).length,
    ofSource: world.texts(
      await facts.list({ ...inSpace, userId: user, sourceType: "manual" }),
    ),
    active: await facts.getActivitySummary(space, 1),
    conflicts: await facts.checkConflicts({
      ...inSpace,
      userId: user,
      fact: { fact: "fact tea 1", factType: "custom", confidence: 50, subject },
    } as never),
  };
}

async function exports(scene: Scene): Promise<unknown> {
  const { world, cortex, space, user } = scene;
  const rowsOf = (text: string): string[] => {
    const whole: unknown = JSON.parse(text);
    return world.texts(Array.isArray(whole) ? whole : [whole]);
  };
  const users = await cortex.users.export({
    format: "json",
    includeConversations: true,
    includeMemories: true,
  });
  const memories = await cortex.memory.export({
    memorySpaceId: space,
    userId: user,
    format: "json",
  });
  const talks = await cortex.conversations.export({
    filters: { memorySpaceId: space },
    format: "json",
    includeMetadata: true,
  });
  return [users, memories.data, talks.data].map(rowsOf);
}
