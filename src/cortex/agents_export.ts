/** `agents.export`, whose text the backend makes in parts. */
import type { Calls } from "./calls.ts";
import { exportAll } from "./exports.ts";
import { metadataArgs } from "./free_form.ts";
import type {
  ExportAgentsOptions,
  ExportAgentsResult,
} from "./types/agents.ts";
import type { CallControls, ProgressControls } from "./types/common.ts";

/** Exports the agents that the options choose. */
export async function exportAgents(
  calls: Calls,
  { filters, format, includeMetadata, includeStats }: ExportAgentsOptions,
  controls: (CallControls & ProgressControls) | undefined,
): Promise<ExportAgentsResult> {
  const { metadata, ...conditions } = filters ?? {};
  return await exportAll(calls, "agents:export", {
    ...conditions,
    ...metadataArgs(metadata),
    format,
    includeMetadata,
    includeStats,
  }, controls);
}
