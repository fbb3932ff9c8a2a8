// Everything held on a user: count it, export it, erase it, and check that it is gone. Run: deno run examples/08_gdpr_erase.ts
import { Cortex } from "../mod.ts";

await using cortex = new Cortex();
const userId = "customer-7731";

for (
  const [at, userMessage] of ["My boiler leaks.", "I live at Mill Lane 4."]
    .entries()
) {
  await cortex.memory.remember({
    memorySpaceId: "support",
    conversationId: `ticket-${at}`,
    userId,
    userName: "R. Okafor",
    agentId: "desk",
    userMessage,
    agentResponse: "A technician will call you about it tomorrow morning.",
  });
}
await cortex.mutable.set("preferences", userId, { calls: "mornings" }, userId);

// 1. What would be erased? A dry run changes nothing.
const plan = await cortex.users.delete(userId, { cascade: true, dryRun: true });
console.log(`${plan.totalDeleted} rows in ${plan.deletedLayers.join(", ")}`);

// 2. The user's copy, as lines of JSON; users.importAll() would load it back.
let bundle = "";
for await (const line of cortex.users.exportAll(userId)) bundle += line;
console.log(`${bundle.split("\n").length - 3} rows handed over`);

// 3. Erased in every layer and space, in steps that survive a crash, and verified.
const { totalDeleted, verification } = await cortex.users.delete(userId, {
  cascade: true,
  idempotencyKey: "request-2024-118",
});
console.log(`${totalDeleted} rows erased, complete: ${verification.complete}`);
console.log(await cortex.memory.search("support", "boiler Mill Lane"));
