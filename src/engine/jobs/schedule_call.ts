import { EngineError } from "../../errors.ts";
import type { Components } from "../components/components.ts";
import type { ContextHost } from "../context/context_host.ts";
import { inTransaction } from "../context/context_host.ts";
import type { FunctionAddress } from "../functions/function_address.ts";
import { canonicalName, type FunctionType } from "../functions/functions.ts";
import {
  isCanceledJob,
  type LaterCall,
  type NewJob,
  scheduleJob,
} from "./jobs.ts";
import type { Run } from "../run/run.ts";

/** The parts of the engine that scheduling a call uses. */
interface SchedulingHost extends ContextHost {
  /** The app and its components. */
  readonly components: Components;
  /** Finds functions. */
  readonly targets: {
    /** Throws `FUNCTION_NOT_FOUND`. */
    find(address: FunctionAddress, type: FunctionType): unknown;
  };
}

/** Schedules a call of a mutation or an action, reports when it is stored, and returns its id. */
export async function scheduleCall(
  host: SchedulingHost,
  run: Run,
  call: LaterCall,
  onSchedule: (job: NewJob) => void,
): Promise<string> {
  const { address, timeMs } = call;
  const { behaviour } = host.deployment;
  const { registry } = host.components.get(address.component);
  if (!behaviour.allowsMissing) {
    const found = registry.findAny(address.name);
    // Not awaited in vain: what the function asks for next would come before it.
    const definition = found instanceof Promise ? await found : found;
    // A function of a wrong type fails when it is due.
    if (definition) host.targets.find(address, definition.type);
    else refuseMissing(address.name, registry.hasModuleOf(address.name));
  }
  return await inTransaction({ host, run, writable: true }, (transaction) => {
    const { scheduledFunctionId: parent, scheduledIn } = run.parts.caller;
    const isCanceled = parent !== null && behaviour.cancelsWhatFollows &&
      isCanceledJob(host.components.get(scheduledIn), parent);
    const id = scheduleJob(transaction, call, isCanceled);
    if (isCanceled) return id;
    const job = { component: run.parts.component, id, timeMs };
    if (behaviour.setsTimersAtOnce) onSchedule(job);
    else transaction.afterCommit(() => onSchedule(job), timeMs);
    return id;
  });
}

/** Throws `FUNCTION_NOT_FOUND`, in the words of Convex. */
function refuseMissing(name: string, hasModule: boolean): never {
  const path = canonicalName(name);
  const colon = path.lastIndexOf(":");
  const module = `${path.slice(0, colon)}.js`;
  throw new EngineError(
    "FUNCTION_NOT_FOUND",
    hasModule
      ? `Attempted to schedule function, but no exported function ${
        path.slice(colon + 1)
      } found in the file: ${module}. Did you forget to export it?`
      : `Attempted to schedule function at nonexistent path: ${module}`,
    { data: { name: path, hasModule } },
  );
}
