// An agent that remembers what it was told: recall, answer, remember. Run: deno run examples/06_chat_agent.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex();
const memorySpaceId = "chat";

/** Stands in for your language model: answers with the first of the user's messages in its context. */
function answer(question: string, context: string): string {
  const known = /^\[user\]: (.*) \(/m.exec(context)?.[1];
  if (!question.endsWith("?")) return "I will keep that in mind for you.";
  return known ? `You told me: ${known}` : "I do not know.";
}

async function chat(userId: string, message: string): Promise<string> {
  const { context } = await cortex.memory.recall({
    memorySpaceId,
    query: message,
    userId,
    limit: 5,
  });
  const reply = answer(message, context);
  await cortex.memory.remember({
    memorySpaceId,
    conversationId: `chat-${userId}`,
    userId,
    userName: userId,
    agentId: "concierge",
    userMessage: message,
    agentResponse: reply,
  });
  return reply;
}

for (
  const message of [
    "My daughter Nora is allergic to peanuts.",
    "We land in Lisbon on Friday.",
    "What is Nora allergic to?",
  ]
) {
  console.log(`> ${message}\n${await chat("helen", message)}`);
}
