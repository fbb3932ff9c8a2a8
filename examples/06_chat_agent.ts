// An agent that remembers what it was told: recall, answer, remember. Run: deno run examples/06_chat_agent.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex();
const memorySpaceId = "chat";

/** Stands for your language model: answers by the first memory that it is handed. */
function answer(question: string, context: string): string {
  const known = context.split("\n").find((line) => line.includes("User:"));
  if (!question.endsWith("?")) return "I will keep that in mind for you.";
  return known ? `You told me: ${known.split("User: ")[1]}` : "I do not know.";
}

async function chat(userId: string, message: string): Promise<string> {
  const { items } = await cortex.memory.recall({
    memorySpaceId,
    query: message,
    userId,
    limit: 5,
  });
  const context = items.map(({ content }) => `User: ${content}`).join("\n");
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
