/** `memory.forget`: large conversations go in several transactions, each of bounded size. */
import type { CallArgs, Calls } from "../calls/calls.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import { type Step, together } from "../calls/in_steps.ts";
import { checkForget } from "./memory_rules.ts";
import type { ProgressControls } from "../types/common.ts";
import type { ForgetResult } from "../types/memory.ts";

/** Forgets a memory and sums what each transaction deleted. */
export async function forget(
  calls: Calls,
  args: CallArgs,
  controls: KeyedControls & ProgressControls,
): Promise<ForgetResult> {
  const steps = await calls.steps<ForgetResult & Step>(
    { kind: "mutation", name: "memory:forget", count: "messagesDeleted" },
    args,
    controls,
    checkForget,
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
