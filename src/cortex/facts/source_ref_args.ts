import type { CallArgs } from "../calls/calls.ts";
import { pick } from "../calls/pick.ts";
import type { FactSourceRef } from "../types/facts.ts";

/** Where a fact comes from: nothing but what is known. */
export function sourceRefArgs(ref: FactSourceRef | undefined): CallArgs {
  const names = ["conversationId", "messageIds", "memoryId"] as const;
  return { sourceRef: ref && pick(ref, ...names) };
}
