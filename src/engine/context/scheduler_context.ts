import type { ContextHost } from "./context_host.ts";
import { requireArgument } from "../plan/require_argument.ts";
import type { Run } from "../run/run.ts";

/** `ctx.scheduler`. In a mutation, a call is scheduled or canceled in the mutation's own transaction. */
export function schedulerOf(run: Run, host: ContextHost) {
  return {
    runAfter: async (
      delayMs: number,
      reference: unknown,
      args?: unknown,
    ): Promise<string> => {
      if (typeof delayMs !== "number") {
        throw new Error("`delayMs` must be a number");
      }
      if (!isFinite(delayMs)) {
        throw new Error("`delayMs` must be a finite number");
      }
      if (delayMs < 0) throw new Error("`delayMs` must be non-negative");
      const timeMs = host.nowOf(run) + delayMs;
      return await host.schedule(run, reference, args, timeMs);
    },
    runAt: async (
      time: number | Date,
      reference: unknown,
      args?: unknown,
    ): Promise<string> => {
      const timeMs = typeof time === "number" ? time : dateMs(time);
      if (timeMs === undefined) {
        throw new Error("The invoke time must a Date or a timestamp");
      }
      return await host.schedule(run, reference, args, timeMs);
    },
    cancel: async (id: string): Promise<void> => {
      requireArgument(id, 1, "cancel", "id");
      await host.unschedule(run, id);
    },
  };
}

/** Time of a date, which may be of another realm. */
function dateMs(value: unknown): number | undefined {
  return Object.prototype.toString.call(value) === "[object Date]"
    ? Number((value as Date).valueOf())
    : undefined;
}
