import type { Components } from "../components.ts";
import type { ContextHost } from "../context/context_host.ts";
import { inTransaction } from "../context/context_host.ts";
import type { FunctionAddress } from "../calls/function_address.ts";
import { canonicalName, type FunctionType } from "../calls/functions.ts";
import { type LaterCall, type NewJob, scheduleJob } from "./jobs.ts";
import type { Run } from "../run/run.ts";

/** What scheduling a call needs of the engine. */
interface SchedulingHost extends ContextHost {
  /** The app and its components. */
  readonly components: Components;
  /** Finds a function. Throws `FUNCTION_NOT_FOUND`. */
  find(address: FunctionAddress, type: FunctionType): unknown;
}

/** Keeps a call of a mutation or an action for later, tells when it is kept, and returns its id. */
export async function scheduleCall(
  host: SchedulingHost,
  run: Run,
  { address, args, timeMs }: LaterCall,
  onSchedule: (job: NewJob) => void,
): Promise<string> {
  const { registry } = host.components.get(address.component);
  const isConvex = host.deployment.compat === "convex";
  if (!host.deployment.allowsMissing) {
    const definition = await registry.findAny(address.name);
    const type = definition?.type === "action" ? "action" : "mutation";
    await host.find(address, type);
  }
  const name = canonicalName(address.name);
  // `convex-test` leaves a name without an export as it is.
  const shownName = isConvex
    ? name.replace(":", ".js:")
    : address.name.includes(":")
    ? name
    : address.name;
  return await inTransaction({ host, run, writable: true }, (transaction) => {
    const call = { address: { ...address, name }, args, timeMs };
    const id = scheduleJob(transaction, call, shownName);
    const job = { component: run.parts.component, id, timeMs };
    // `convex-test` sets the timer at once, and keeps it when the transaction fails.
    if (isConvex) transaction.afterCommit(() => onSchedule(job));
    else onSchedule(job);
    return id;
  });
}
