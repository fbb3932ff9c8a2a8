/** The hundred calls that every contender of the bench makes. */
import { Cortex } from "../../../mod.ts";

/** Calls of one round. */
export const callCount = 100;

/** Arguments of call `i` of a round: ten conversations, ten exchanges in each, interleaved. */
export function exchange(round: string, i: number) {
  return {
    memorySpaceId: "bench",
    conversationId: `${round}-${i % 10}`,
    userId: `user-${i % 10}`,
    userName: `User ${i % 10}`,
    agentId: "bench-agent",
    userMessage: `Message ${i}: please book the ${
      i % 7 + 8
    } o'clock ferry to island ${i}.`,
    agentResponse: `The ferry at ${
      i % 7 + 8
    } o'clock to island ${i} is booked, seat ${i * 3 % 40}.`,
  };
}

/** What the facade sends for a round, for clients that are used without it. */
export async function rawCalls(
  round: string,
): Promise<{ name: string; args: Record<string, unknown> }[]> {
  const calls: { name: string; args: Record<string, unknown> }[] = [];
  const recorder = {
    query: () => Promise.reject(new Error("remember makes no query")),
    action: () => Promise.reject(new Error("remember makes no action")),
    mutation: (name: string, args: Record<string, unknown>) => {
      calls.push({ name, args });
      return Promise.resolve({
        conversation: { conversationId: "", messageIds: [] },
        memories: [],
        facts: [],
      });
    },
  };
  const cortex = new Cortex({ client: recorder });
  await Promise.all(
    Array.from(
      { length: callCount },
      (_, i) => cortex.memory.remember(exchange(round, i)),
    ),
  );
  await cortex.close();
  return calls;
}
