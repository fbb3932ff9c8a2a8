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
  const extracting = reextract(calls.context.logger, updates, controls);
  // Without an extractor, nothing is awaited: a client that is closed in the same tick still makes the call.
  const prepared = extracting &&
    await unlessAborted(extracting, controls.signal);
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

/** Extracts the facts of the new content. Undefined if none are asked for, and resolved to it if the extractor fails. */
function reextract(
  logger: Logger,
  { content, tags = [] }: MemoryUpdates,
  { reextractFacts, extractFacts }: UpdateMemoryOptions,
): Promise<PreparedFacts | undefined> | undefined {
  if (!reextractFacts || content === undefined || !extractFacts) return;
  return extract(logger, () => extractFacts(content)).then(({ found, error }) =>
    error === undefined ? prepareFacts(found, { tags }) : undefined
  );
}
