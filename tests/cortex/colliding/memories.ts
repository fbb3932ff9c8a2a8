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
  const { memory, word, user, few, participant } = scene;
  return {
    memoryId: memory,
    content: `tea ${word}`,
    contentType: "raw",
    userId: user,
    participantId: participant,
    source: { type: "system", timestamp: 5 },
    metadata: { importance: 50, tags: ["a"] },
    ...few > 0 && { embedding: [1, few, 0] },
    extractFacts: extractFacts(scene),
  };
}

const store: Operation = (scene) =>
  scene.cortex.memory.store(scene.space, noteOf(scene), scene.controls);

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
