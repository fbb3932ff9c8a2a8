/** Turns the input of `vector.store` and `memory.store` into what the backend takes. */
import { pick } from "../calls/pick.ts";
import type { CallArgs } from "../calls/calls.ts";
import { toMs } from "../rules/field_rules.ts";
import { freeFormArgs } from "../rules/free_form.ts";
import { createId } from "../calls/ids.ts";
import type { MutableRef, StoreMemoryInput } from "../types/vector.ts";

/** The backend's arguments for a checked input; a missing id is made now. */
export function toStoreArgs(
  memorySpaceId: string,
  input: StoreMemoryInput,
): CallArgs {
  const { source, metadata: { importance, tags, ...metadata } } = input;
  const { conversationRef, immutableRef, mutableRef, factsRef } = input;
  return {
    memorySpaceId,
    memoryId: input.memoryId ?? createId("mem"),
    ...pick(
      input,
      "tenantId",
      "participantId",
      "content",
      "contentType",
      "userId",
      "agentId",
      "messageRole",
      "enrichedContent",
      "factCategory",
      "embedding",
    ),
    conversationRef: conversationRef &&
      pick(conversationRef, "conversationId", "messageIds"),
    immutableRef: immutableRef && pick(immutableRef, "type", "id", "version"),
    mutableRef: mutableRef && mutableRefArgs(mutableRef),
    factsRef: factsRef && pick(factsRef, "factId", "version"),
    sourceType: source.type,
    sourceUserId: source.userId,
    sourceUserName: source.userName,
    sourceTimestamp: toMs(source.timestamp),
    importance,
    tags,
    ...Object.keys(metadata).length > 0 && { metadata },
  };
}

function mutableRefArgs(ref: MutableRef): object {
  return {
    ...pick(ref, "namespace", "key", "snapshotAt"),
    ...freeFormArgs("snapshotValue", ref.snapshotValue),
  };
}
