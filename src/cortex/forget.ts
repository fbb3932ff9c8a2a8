/** `memory.forget`: large conversations go in several transactions, each of bounded size. */
import { pick } from "./pick.ts";
import { type ApiContext, compact } from "./api_context.ts";
import { keyArgs, type KeyedControls, partOf } from "./idempotency.ts";
import type { ForgetOptions, ForgetResult } from "./types/memory.ts";

/** Forgets a memory and sums what each transaction deleted. */
export async function forget(
  context: ApiContext,
  memorySpaceId: string,
  memoryId: string,
  options: ForgetOptions & KeyedControls,
): Promise<ForgetResult> {
  const args = compact({
    tenantId: context.tenantId(),
    memorySpaceId,
    memoryId,
    ...pick(options, "deleteConversation", "deleteEntireConversation"),
  });
  let messagesDeleted = 0;
  let conversationDeleted = false;
  const factIds: string[] = [];
  for (let at = 0;; at++) {
    const { done, ...step } = await context.mutation<
      ForgetResult & { done: boolean }
    >("memory:forget", { ...args, ...keyArgs(partOf(options, at)) }, {
      signal: options.signal,
    });
    messagesDeleted += step.messagesDeleted;
    conversationDeleted ||= step.conversationDeleted;
    factIds.push(...step.factIds);
    if (done !== false) {
      return {
        ...step,
        conversationDeleted,
        messagesDeleted,
        factsDeleted: factIds.length,
        factIds,
      };
    }
  }
}
