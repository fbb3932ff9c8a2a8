/** Registered spaces with their participants, and agents. */
import type { Operation, Scene } from "./choice.ts";

/** A user or an agent; in a space they are one by their id, whatever their type. */
function participantOf({ user, agent, flag }: Scene) {
  return flag
    ? { id: user, type: "user" as const, joinedAt: 5 }
    : { id: agent, type: "agent" as const, joinedAt: 5 };
}

export const registryOperations: Readonly<Record<string, Operation>> = {
  register: (scene) =>
    scene.cortex.memorySpaces.register({
      memorySpaceId: scene.space,
      type: "team",
      participants: [participantOf(scene)],
    }),
  join: (scene) =>
    scene.cortex.memorySpaces.addParticipant(
      scene.space,
      participantOf(scene) as never,
    ),
  leave: (scene) =>
    scene.cortex.memorySpaces.removeParticipant(
      scene.space,
      participantOf(scene).id,
    ),
  spacesOf: async (scene) =>
    scene.world.texts(
      await scene.cortex.memorySpaces.findByParticipant(
        participantOf(scene).id,
      ),
    ),
  registerAgent: ({ cortex, agent, word, controls }) =>
    cortex.agents.register({ id: agent, name: word }, controls),
  takeSpace: ({ cortex, space, few }) =>
    few === 0
      ? cortex.memorySpaces.delete(space, { cascade: true, reason: "r" })
      : few === 1
      ? cortex.memorySpaces.archive(space, { reason: "r" })
      : cortex.memorySpaces.reactivate(space),
  takeAgent: ({ cortex, agent, few }) =>
    cortex.agents.unregister(agent, { cascade: few > 0 }),
};
