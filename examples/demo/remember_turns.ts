/** Remembers a conversation, every exchange started at once. */
import type { Cortex } from "../../mod.ts";
import type { FileMessage, Turn } from "./conversation_file.ts";

/** The space that holds the demo's memories. */
export const memorySpaceId = "demo";

/** Starts every turn together, in the order of the file, and waits for all. Calls `onProgress` as each one is stored. */
export async function rememberTurns(
  cortex: Cortex,
  turns: readonly Turn[],
  onProgress: () => void,
): Promise<void> {
  await createConversations(cortex, turns);
  await Promise.all(turns.map(async (turn) => {
    await ("single" in turn
      ? rememberSingle(cortex, turn.single)
      : rememberExchange(cortex, turn));
    onProgress();
  }));
}

function rememberExchange(
  cortex: Cortex,
  { user, agent }: { user: FileMessage; agent: FileMessage },
): Promise<unknown> {
  return cortex.memory.remember({
    memorySpaceId,
    conversationId: user.conversationId,
    userMessage: user.text,
    agentResponse: agent.text,
    userId: user.speaker,
    userName: user.speaker,
    agentId: agent.speaker,
    timestamp: user.at,
    // The file's own ids make a second run on the same database harmless.
    userMessageId: user.id,
    agentMessageId: agent.id,
  });
}

/** A message without a partner: appended to its conversation, then stored with a reference to it. */
async function rememberSingle(
  cortex: Cortex,
  message: FileMessage,
): Promise<void> {
  const { conversationId, id, role, text, speaker, at } = message;
  await cortex.conversations.addMessage({
    conversationId,
    message: { id, role, content: text, timestamp: at },
  });
  await cortex.memory.store(memorySpaceId, {
    memoryId: `mem-${conversationId}-${id}`,
    content: text,
    contentType: "raw",
    messageRole: role,
    ...(role === "agent" ? { agentId: speaker } : { userId: speaker }),
    source: {
      type: "conversation",
      userId: speaker,
      userName: speaker,
      timestamp: at,
    },
    conversationRef: { conversationId, messageIds: [id] },
    metadata: { importance: 50, tags: [] },
  });
}

/** Creates the conversations for `addMessage`, which needs an existing one; `remember` creates its own. */
async function createConversations(
  cortex: Cortex,
  turns: readonly Turn[],
): Promise<void> {
  const wanted = new Map<string, { userId: string; agentId: string }>();
  const messages = turns.flatMap((turn) =>
    "single" in turn ? [turn.single] : [turn.user, turn.agent]
  );
  for (const turn of turns) {
    if (!("single" in turn)) continue;
    const { conversationId } = turn.single;
    const speaker = (role: "user" | "agent") =>
      (messages.find((message) =>
        message.conversationId === conversationId && message.role === role
      ) ??
        messages.find((message) => message.role === role))?.speaker ?? role;
    wanted.set(conversationId, {
      userId: speaker("user"),
      agentId: speaker("agent"),
    });
  }
  await Promise.all(
    Array.from(wanted, async ([conversationId, participants]) => {
      try {
        await cortex.conversations.create({
          conversationId,
          memorySpaceId,
          type: "user-agent",
          participants,
        });
      } catch (error) {
        if (
          (error as { code?: string }).code !== "CONVERSATION_ALREADY_EXISTS"
        ) throw error;
      }
    }),
  );
}

/** How many messages the conversations of the turns have. */
export async function countMessages(
  cortex: Cortex,
  turns: readonly Turn[],
): Promise<number> {
  const ids = new Set(
    turns.map((turn) =>
      "single" in turn ? turn.single.conversationId : turn.user.conversationId
    ),
  );
  const conversations = await Promise.all(
    Array.from(
      ids,
      (id) => cortex.conversations.get(id, { includeMessages: false }),
    ),
  );
  return conversations.reduce(
    (sum, conversation) => sum + (conversation?.messageCount ?? 0),
    0,
  );
}
