/** What is seen of a space and its users. */
import type { Operation, Scene } from "./choice.ts";

export const lookOperations: Readonly<Record<string, Operation>> = {
  lookAtSpace,
  lookAtTenant,
  search,
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
  };
}

const codeOf = (error: { code?: string }): string => `refused: ${error.code}`;
