/**
 * `memory.update`: writes a new version and, if asked, the facts found in it, in one mutation; more if it replaces many
 * facts.
 */
import { pick } from "../calls/pick.ts";
import { unlessAborted } from "../../at_once.ts";
import type { Calls } from "../calls/calls.ts";
import {
  extract,
  type PreparedFacts,
  prepareFacts,
  reportRefused,
} from "../facts/extracted_facts.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import type { Logger } from "../types/config.ts";
import type {
  UpdateMemoryOptions,
  UpdateMemoryResult,
} from "../types/memory.ts";
import type { MemoryUpdates } from "../types/vector.ts";

/** Updates a memory. The extractor runs before anything is written. */
export async function updateWithFacts(
  calls: Calls,
  named: { memorySpaceId: string; memoryId: string },
  updates: MemoryUpdates,
  controls: UpdateMemoryOptions & KeyedControls,
): Promise<UpdateMemoryResult> {
  const prepared = await unlessAborted(
    reextract(calls.context.logger, updates, controls),
    controls.signal,
  );
  // The steps after the first one delete facts, and have nothing more to report.
  const [{ done: _, cursor: __, ...result }] = await calls.steps<
    UpdateMemoryResult
  >(
    { kind: "mutation", name: "memory:update" },
    {
      ...named,
      ...pick(updates, "content", "embedding", "importance", "tags"),
      facts: prepared?.facts,
    },
    controls,
  );
  const refused = [...prepared?.refused ?? [], ...result.refusedFacts ?? []];
  reportRefused(calls.context.logger, refused);
  return refused.length > 0 ? { ...result, refusedFacts: refused } : result;
}

/** Extracts the facts of the new content; undefined if none are asked for or the extractor failed. */
async function reextract(
  logger: Logger,
  { content, tags = [] }: MemoryUpdates,
  { reextractFacts, extractFacts }: UpdateMemoryOptions,
): Promise<PreparedFacts | undefined> {
  if (reextractFacts !== true || content === undefined || !extractFacts) return;
  const { found, error } = await extract(
    logger,
    () => extractFacts(content),
  );
  return error === undefined ? prepareFacts(found, { tags }) : undefined;
}
