/**
 * The process that the crash test kills: remembers exchanges 0 to COUNT - 1 in the file PATH, many at once, and prints the
 * number of each when it is acknowledged.
 */
import { Cortex } from "../../mod.ts";

const [path, count] = Deno.args as [string, string];
const cortex = new Cortex({ path });
const encoder = new TextEncoder();

await Promise.all(Array.from({ length: Number(count) }, async (_, at) => {
  // In groups, so that many transactions are there to die in.
  await new Promise((resolve) => setTimeout(resolve, Math.floor(at / 10) * 4));
  await cortex.memory.remember({
    memorySpaceId: "space",
    conversationId: `conv-${at % 50}`,
    userId: "ada",
    userName: "Ada",
    agentId: "helper",
    userMessage: `Where is parcel${at}?`,
    agentResponse: `The parcel with number ${at} lies in locker${at}.`,
    userMessageId: `u-${at}`,
    agentMessageId: `a-${at}`,
    extractFacts: () =>
      Promise.resolve([{
        fact: `parcel${at} lies in locker${at}`,
        factType: "knowledge",
        subject: `parcel${at}`,
        predicate: "lies in",
        object: `locker${at}`,
        confidence: 90,
      }]),
  });
  Deno.stdout.writeSync(encoder.encode(`${at}\n`));
}));
