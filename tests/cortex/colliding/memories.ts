/** Memories with facts. */
import type { ExtractMemoryFactsFn, StoreMemoryInput } from "../../../mod.ts";
import type { Operation, Scene } from "./choice.ts";

/** Says that somebody likes tea, in as many facts as were chosen. */
export const extractFacts =
  ({ word, few, subject }: Scene): ExtractMemoryFactsFn => () =>
    Promise.resolve(
      Array.from({ length: few }, (_, at) => ({
        fact: `fact tea ${word} ${at}`,
        factType: "custom",
        subject,
        confidence: 80,
      })),
    );

function noteOf(scene: Scene): StoreMemoryInput {
  const { memory, word, user, few, participant, other, flag } = scene;
  return {
    memoryId: memory,
    content: `tea ${word}`,
    contentType: "raw",
    userId: user,
    participantId: participant,
    source: { type: "system", timestamp: 5, ...flag && { userId: other } },
    metadata: { importance: 50, tags: ["a"] },
    ...few > 0 && { embedding: [1, few, 0] },
    ...few > 1 && {
      conversationRef: {
        conversationId: scene.conversation,
        messageIds: [scene.message],
      },
    },
  };
}

const store: Operation = (scene) =>
  scene.cortex.memory.store(
    scene.space,
    { ...noteOf(scene), extractFacts: extractFacts(scene) },
    scene.controls,
  );

/** Changes of memories and of their facts. */
export const memoryOperations: Readonly<Record<string, Operation>> = {
  store,
  storeAgain: store,
  update: (scene) =>
    scene.cortex.memory.update(
      scene.space,
      scene.memory,
      { content: `tea ${scene.word}` },
      {
        reextractFacts: true,
        extractFacts: extractFacts(scene),
        ...scene.controls,
      },
    ),
  delete: ({ cortex, space, memory, controls }) =>
    cortex.memory.delete(space, memory, controls),
  archive: ({ cortex, space, memory }) => cortex.memory.archive(space, memory),
  restore: ({ cortex, space, memory }) =>
    cortex.memory.restoreFromArchive(space, memory),
  updateMany: ({ cortex, space, user, word }) =>
    cortex.memory.updateMany(
      { memorySpaceId: space, userId: user },
      { tags: [word] },
    ),
  deleteMany: async ({ cortex, space, user, few }) =>
    few === 0 &&
    await cortex.memory.deleteMany({ memorySpaceId: space, userId: user }),
};

/** The same memories by `vector`, which leaves facts alone. */
export const vectorOperations: Readonly<Record<string, Operation>> = {
  storeVector: (scene) =>
    scene.cortex.vector.store(scene.space, noteOf(scene), scene.controls),
  updateVector: ({ cortex, space, memory, word, few, controls }) =>
    cortex.vector.update(space, memory, {
      content: `tea ${word}`,
      ...few > 0 && { embedding: [few, 1, 0] },
    }, controls),
  deleteVector: ({ cortex, space, memory, controls }) =>
    cortex.vector.delete(space, memory, controls),
  versions: ({ cortex, space, memory }) =>
    cortex.memory.getHistory(space, memory),
};
