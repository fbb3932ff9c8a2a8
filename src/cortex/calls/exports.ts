/** Exports: the backend makes their text in parts. */
import type { CallArgs, Calls } from "./calls.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type { ExportResult } from "../types/conversations.ts";

/** Calls an export function until the text is complete. */
export function exportText<Format extends string>(
  calls: Calls,
  name: string,
  args: CallArgs & { format?: Format },
  controls: (CallControls & ProgressControls) | undefined,
): Promise<Omit<ExportResult, "format"> & { format: Format }> {
  return calls.whole(
    { kind: "query", name, parts: ["count", "data"] },
    args,
    controls,
  );
}
