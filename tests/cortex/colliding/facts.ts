/** Facts whose ids the caller gives, as the backend's own functions let it. */
import type { Operation, Scene } from "./choice.ts";

function mutation(
  { cortex, tenantId, space, controls }: Scene,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  return cortex.getClient().mutation(name, {
    ...tenantId !== undefined && { tenantId },
    memorySpaceId: space,
    ...args,
    ...controls,
  });
}

const idOf = (name: string): string => `fact-${name}`;

const store: Operation = (scene) =>
  mutation(scene, "facts:store", {
    factId: idOf(scene.fact),
    fact: `fact ${scene.word}`,
    factType: "custom",
    confidence: 50,
    sourceType: "manual",
    tags: [],
    userId: scene.user,
    ...scene.subject !== undefined && { subject: scene.subject },
    ...scene.participant !== undefined && { participantId: scene.participant },
    ...scene.flag && { sourceRef: { memoryId: scene.memory } },
  });

export const factOperations: Readonly<Record<string, Operation>> = {
  storeFact: store,
  storeFactAgain: store,
  updateFact: (scene) =>
    mutation(scene, "facts:update", {
      factId: idOf(scene.fact),
      newFactId: idOf(scene.newer),
      fact: `fact ${scene.word}`,
    }),
  supersede: ({ cortex, space, fact, newer, word }) =>
    cortex.facts.supersede({
      memorySpaceId: space,
      oldFactId: idOf(fact),
      newFactId: idOf(newer),
      reason: word,
    }),
  deleteFact: ({ cortex, space, fact, controls }) =>
    cortex.facts.delete(space, idOf(fact), controls),
  deleteFacts: async ({ cortex, space, user, few }) =>
    few === 0 &&
    await cortex.facts.deleteMany({ memorySpaceId: space, userId: user }),
  storeNewFact: (scene) =>
    scene.cortex.facts.store({
      memorySpaceId: scene.space,
      fact: `fact tea ${scene.few}`,
      factType: "custom",
      confidence: 60,
      sourceType: "manual",
      subject: scene.subject,
      userId: scene.user,
    }, scene.controls),
  storeUnlessKnown: (scene) =>
    scene.cortex.facts.storeWithDedup({
      memorySpaceId: scene.space,
      fact: `fact tea ${scene.few}`,
      factType: "custom",
      confidence: 70,
      sourceType: "manual",
      subject: scene.subject,
      userId: scene.user,
    }, { deduplication: scene.flag ? "structural" : "exact" }),
  revise: (scene) =>
    scene.cortex.facts.revise({
      memorySpaceId: scene.space,
      userId: scene.user,
      fact: {
        fact: `fact tea ${scene.few} ${scene.flag}`,
        factType: "custom",
        confidence: 75,
        subject: scene.subject,
        predicate: "likes",
        object: scene.word,
      },
    } as never),
  changeFact: (scene) =>
    scene.cortex.facts.update(
      scene.space,
      idOf(scene.fact),
      { fact: `fact tea ${scene.word}`, confidence: 65 },
      scene.controls,
    ),
  consolidate: ({ cortex, space, fact, newer, controls }) =>
    cortex.facts.consolidate({
      memorySpaceId: space,
      factIds: [idOf(fact), idOf(newer)],
      keepFactId: idOf(newer),
    }, controls),
  factVersions: async ({ world, cortex, space, fact }) =>
    world.texts(await cortex.facts.getHistory(space, idOf(fact))),
};
