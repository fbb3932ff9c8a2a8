/** Conversations, and what is remembered of them. */
import type { Operation } from "./choice.ts";
import { extractFacts } from "./memories.ts";

export const talkOperations: Readonly<Record<string, Operation>> = {
  create: (scene) =>
    scene.cortex.conversations.create({
      conversationId: scene.conversation,
      memorySpaceId: scene.space,
      type: "user-agent",
      participants: {
        userId: scene.user,
        agentId: scene.agent,
        participantId: scene.participant,
      },
    }, scene.controls),
  createAmongAgents: ({ cortex, space, otherSpace, conversation, agent }) =>
    cortex.conversations.create({
      conversationId: conversation,
      memorySpaceId: space,
      type: "agent-agent",
      participants: { agentId: agent, memorySpaceIds: [space, otherSpace] },
    }),
  find: ({ cortex, space, otherSpace, user, flag }) =>
    cortex.conversations.findConversation(
      flag ? { memorySpaceId: space, type: "user-agent", userId: user } : {
        memorySpaceId: space,
        type: "agent-agent",
        memorySpaceIds: [space, otherSpace],
      },
    ),
  say: ({ cortex, conversation, message, word, controls }) =>
    cortex.conversations.addMessage({
      conversationId: conversation,
      message: { id: message, role: "user", content: `tea ${word}` },
    }, controls),
  remember: (scene) =>
    scene.cortex.memory.remember({
      memorySpaceId: scene.space,
      conversationId: scene.conversation,
      userMessage: `tea ${scene.word}`,
      agentResponse: `rum ${scene.word}`,
      userId: scene.user,
      userName: "N",
      agentId: scene.agent,
      participantId: scene.participant,
      userMessageId: scene.message,
      timestamp: scene.saidAt,
      extractFacts: extractFacts(scene),
    }, scene.controls),
  forget: ({ cortex, space, memory, flag }) =>
    cortex.memory.forget(space, memory, { deleteConversation: flag }),
  deleteTalk: ({ cortex, conversation }) =>
    cortex.conversations.delete(conversation),
  deleteTalks: ({ cortex, space, user }) =>
    cortex.conversations.deleteMany(
      { memorySpaceId: space, userId: user },
      { confirmationThreshold: 1e9 },
    ),
};
