// Remember what was said, and ask for it later. Run: deno run examples/01_remember_and_recall.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex();

await cortex.memory.remember({
  memorySpaceId: "support",
  conversationId: "ticket-118",
  userId: "mia",
  userName: "Mia",
  agentId: "helpdesk",
  userMessage: "The scanner in room 4 jams on thick paper since Monday.",
  agentResponse:
    "Please send a photo of the feed rollers, I will order new ones.",
});

const { items } = await cortex.memory.recall({
  memorySpaceId: "support",
  query: "Which scanner jams?",
});
for (const { score, content } of items) {
  console.log(score.toFixed(2), content);
}
