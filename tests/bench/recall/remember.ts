/** Remembers a talk as the facade would: one mutation an exchange, in order. */
import type { Engine } from "../../../src/engine/engine.ts";
import { createId } from "../../../src/cortex/calls/ids.ts";
import { type Message, type Talk, turns } from "./data.ts";
import type { Embed } from "./embedder.ts";

/** Embeddings of messages by their texts. */
type Embeddings = ReadonlyMap<string, number[]>;

/** Remembers every message of a talk in a memory space, with embeddings if there is something that makes them. */
export async function rememberTalk(
  engine: Engine,
  talk: Talk,
  space: string,
  embed?: Embed,
): Promise<void> {
  const texts = talk.messages.map(({ text }) => text);
  const made = await embed?.(texts) ?? [];
  const embeddings = new Map(made.map((one, at) => [texts[at]!, one]));
  for (const [first, second] of turns(talk.messages)) {
    if (second !== undefined) {
      await rememberExchange(engine, space, embeddings, first!, second);
    } else await rememberAlone(engine, space, embeddings, talk, first!);
  }
}

function embeddingOf(embeddings: Embeddings, { text }: Message) {
  const embedding = embeddings.get(text);
  return embedding === undefined ? {} : { embedding };
}

async function rememberExchange(
  engine: Engine,
  space: string,
  embeddings: Embeddings,
  user: Message,
  agent: Message,
): Promise<void> {
  await engine.mutation("memory:remember", {
    memorySpaceId: space,
    conversationId: user.conversationId,
    userId: user.speaker,
    userName: user.speaker,
    agentId: agent.speaker,
    skipLayers: [],
    userMessage: { id: user.id, content: user.text, timestamp: user.at },
    agentMessage: { id: agent.id, content: agent.text, timestamp: agent.at },
    memories: [user, agent].map((message) => ({
      memoryId: createId("mem", message.at),
      messageRole: message.role,
      content: message.text,
      contentType: "raw",
      sourceTimestamp: message.at,
      ...embeddingOf(embeddings, message),
    })),
    importance: 50,
    tags: [],
    facts: [],
    factMode: "revise",
  });
}

async function rememberAlone(
  engine: Engine,
  space: string,
  embeddings: Embeddings,
  talk: Talk,
  message: Message,
): Promise<void> {
  const { conversationId, id, role, text, at, speaker } = message;
  const exists = await engine.query("conversations:get", {
    conversationId,
    includeMessages: false,
  });
  if (exists === null) {
    const others = talk.messages.find((other) => other.role !== role)?.speaker;
    await engine.mutation("conversations:create", {
      conversationId,
      memorySpaceId: space,
      type: "user-agent",
      participants: role === "user"
        ? { userId: speaker, agentId: others }
        : { userId: others, agentId: speaker },
    });
  }
  await engine.mutation("conversations:addMessage", {
    conversationId,
    message: { id, role, content: text, timestamp: at },
  });
  await engine.mutation("memories:store", {
    memorySpaceId: space,
    memoryId: createId("mem", at),
    content: text,
    contentType: "raw",
    messageRole: role,
    sourceType: "conversation",
    sourceTimestamp: at,
    ...(role === "user"
      ? { userId: speaker, sourceUserId: speaker, sourceUserName: speaker }
      : { agentId: speaker }),
    conversationRef: { conversationId, messageIds: [id] },
    ...embeddingOf(embeddings, message),
    importance: 50,
    tags: [],
  });
}
