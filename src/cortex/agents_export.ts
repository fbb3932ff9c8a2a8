/** `agents.export`, whose text the backend makes in parts. */
import { filterArgs } from "./agents_filter.ts";
import type { Calls } from "./calls.ts";
import { exportAll } from "./exports.ts";
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
  return await exportAll(calls, "agents:export", {
    ...filterArgs(filters ?? {}),
    limit: filters?.limit,
    offset: filters?.offset,
    format,
    includeMetadata,
    includeStats,
  }, controls);
}
