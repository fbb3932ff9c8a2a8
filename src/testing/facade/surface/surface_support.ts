/** Shared by the programs that call every method: options that every method takes. */
import type {
  CallControls,
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "../../../cortex/types/common.ts";

/** The tenant of the `Cortex`, also named in calls. */
export const tenantId = "acme";

/** A time in the far future, in ms. A constant, because workerd has no clock while it loads a module. */
export const later = 4_000_000_000_000;

/** Controls that every method takes. */
export const controls: Required<CallControls> = {
  signal: new AbortController().signal,
  timeoutMs: 20_000,
};

/** Controls of methods that read in steps. */
export const job: Required<CallControls & ProgressControls> = {
  ...controls,
  onProgress: () => {},
};

/** Controls of methods that write, with a new idempotency key each time. */
export function write(): Required<WriteControls & GraphSyncOption> {
  return {
    ...controls,
    idempotencyKey: crypto.randomUUID(),
    syncToGraph: false,
  };
}

/** Controls of methods that write in steps. */
export function writeJob(): Required<
  WriteControls & GraphSyncOption & ProgressControls
> {
  return { ...write(), onProgress: () => {} };
}
