/** `memory.forget`: large conversations go in several transactions, each of bounded size. */
import type { Calls } from "../calls/calls.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import { type Step, together } from "../calls/in_steps.ts";
import { pick } from "../calls/pick.ts";
import type { ForgetOptions, ForgetResult } from "../types/memory.ts";

/** Forgets a memory and sums what each transaction deleted. */
export async function forget(
  calls: Calls,
  memorySpaceId: string,
  memoryId: string,
  options: ForgetOptions & KeyedControls,
): Promise<ForgetResult> {
  const steps = await calls.steps<ForgetResult & Step>(
    { kind: "mutation", name: "memory:forget", count: "messagesDeleted" },
    {
      memorySpaceId,
      memoryId,
      ...pick(options, "deleteConversation", "deleteEntireConversation"),
    },
    options,
  );
  const { done: _, ...last } = steps.at(-1)!;
  const { messagesDeleted, factIds } = together(
    steps,
    "messagesDeleted",
    "factIds",
  );
  return {
    ...last,
    conversationDeleted: steps.some((step) => step.conversationDeleted),
    messagesDeleted,
    factsDeleted: factIds.length,
    factIds,
  };
}
