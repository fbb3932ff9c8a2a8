// Several agents share one memory space, and each knows who said what. Run: deno run examples/07_hive_space.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex({
  auth: { userId: "operations", tenantId: "shipyard" },
});
const memorySpaceId = "dry-dock-3";
const agents = ["inspector", "planner"];

for (const id of agents) await cortex.agents.register({ id, name: id });
await cortex.memorySpaces.register({
  memorySpaceId,
  name: "Dry dock 3",
  type: "team",
  participants: agents.map((id) => ({
    id,
    type: "agent",
    joinedAt: Date.now(),
  })),
});

const find = (participantId: string, content: string) =>
  cortex.memory.store(memorySpaceId, {
    participantId,
    agentId: participantId,
    content,
    contentType: "raw",
    source: { type: "tool" },
    metadata: { importance: 70, tags: ["hull"] },
  });
await find("inspector", "Frame 41 has a crack of 12 cm on the port side.");
await find("planner", "The crane is booked until Thursday noon.");

// The planner asks what the whole hive knows.
const { items } = await cortex.memory.recall({
  memorySpaceId,
  query: "Where is the crack?",
});
console.log(items[0]?.memory?.participantId, "said:", items[0]?.content);

const mine = await cortex.memory.count({
  memorySpaceId,
  participantId: "planner",
});
const spaces = await cortex.memorySpaces.findByParticipant("inspector");
console.log(`${mine} by the planner, ${spaces.length} space of the inspector`);
