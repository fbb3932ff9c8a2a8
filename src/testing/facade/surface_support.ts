/** What the programs that call every method share: options that every method takes. */
import type {
  CallControls,
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "../../cortex/types/common.ts";

/** The tenant of the `Cortex` that is called, named in calls, too. */
export const tenantId = "acme";

/** A time that does not come soon, in ms. Workerd has no clock while it loads a module. */
export const later = 4_000_000_000_000;

/** What every method takes. */
export const controls: Required<CallControls> = {
  signal: new AbortController().signal,
  timeoutMs: 20_000,
};

/** Likewise, for methods that read in steps. */
export const job: Required<CallControls & ProgressControls> = {
  ...controls,
  onProgress: () => {},
};

/** Likewise, for methods that write, the graph, too; each time under a key of its own. */
export function write(): Required<WriteControls & GraphSyncOption> {
  return {
    ...controls,
    idempotencyKey: crypto.randomUUID(),
    syncToGraph: false,
  };
}

/** Likewise, for methods that write in steps. */
export function writeJob(): Required<
  WriteControls & GraphSyncOption & ProgressControls
> {
  return { ...write(), onProgress: () => {} };
}
