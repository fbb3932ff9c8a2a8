import type { CallArgs } from "../calls/calls.ts";
import { pick } from "../calls/pick.ts";
import type { FactSourceRef } from "../types/facts.ts";

/** The source of a fact, reduced to the known fields. */
export function sourceRefArgs(ref: FactSourceRef | undefined): CallArgs {
  const names = ["conversationId", "messageIds", "memoryId"] as const;
  return { sourceRef: ref && pick(ref, ...names) };
}
