/** What the programs that call every method share: options that every method takes. */
import type {
  CallControls,
  GraphSyncOption,
  ProgressControls,
} from "../cortex/types/common.ts";

/** The tenant of the `Cortex` that is called, named in calls, too. */
export const tenantId = "acme";

/** What every method takes. */
export const controls: CallControls = {
  signal: new AbortController().signal,
  timeoutMs: 20_000,
};

/** Likewise, for methods that write to the graph. */
export const graph: CallControls & GraphSyncOption = {
  ...controls,
  syncToGraph: false,
};

/** Likewise, for methods that work in steps. */
export const job: CallControls & GraphSyncOption & ProgressControls = {
  ...graph,
  onProgress: () => {},
};
