/** Exports, whose text the backend makes in parts. */
import type { CallArgs, Calls } from "./calls.ts";
import { type Step, together } from "./in_steps.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type { ExportResult } from "../types/conversations.ts";

/** Calls an export's function until its text is whole. */
export async function exportAll<Format extends string>(
  calls: Calls,
  name: string,
  args: CallArgs & { format: Format },
  controls: (CallControls & ProgressControls) | undefined,
): Promise<Omit<ExportResult, "format"> & { format: Format }> {
  const parts = await calls.steps<ExportResult & Step>(
    { kind: "query", name, count: "count" },
    args,
    controls,
  );
  return {
    format: args.format,
    data: parts.map(({ data }) => data).join(""),
    ...together(parts, "count"),
    exportedAt: parts[0].exportedAt,
  };
}
