// A hundred remembers started together take a handful of requests. Run: deno run examples/03_many_at_once.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex();

const calls = Array.from({ length: 100 }, (_, i) =>
  cortex.memory.remember({
    memorySpaceId: "sensors",
    conversationId: `room-${i % 10}`,
    agentId: "thermostat",
    userMessage: `Reading ${i}: it is ${18 + i % 7} degrees in room ${i % 10}.`,
    agentResponse: `Reading ${i} of room ${i % 10} is filed.`,
  }));
const results = await Promise.all(calls);

console.log(`${results.length} remembered`);
console.log(
  `${
    (await cortex.conversations.list({ memorySpaceId: "sensors" })).total
  } conversations`,
);
