import { isCortexError } from "../../errors.ts";
import type { CallFrame, Target } from "../calls/call_types.ts";
import { newCaller } from "../run/caller.ts";
import type { Calls } from "../calls/calls.ts";
import { uncaughtText } from "../functions/thrown.ts";
import type { Component } from "../components/components.ts";
import type { Document } from "../rows/fields.ts";
import { isGivenUp } from "../run/watchdog.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { JobState } from "../behaviour.ts";
import { beginJob, callOfJob, endJob, findJob } from "../jobs/jobs.ts";

/** A call recorded as begun: its function, or why that was not found. */
interface Begun {
  target?: Target;
  error?: unknown;
  args: unknown;
}

/** Runs one scheduled call: a mutation exactly once, an action at most once, across crashes. */
export class JobRunner {
  readonly #calls: Calls;
  readonly #now: () => number;
  readonly #log: (message: string, error?: unknown) => void;

  /** Takes the clock, and a log for failures. */
  constructor(
    calls: Calls,
    now: () => number,
    log: (message: string, error?: unknown) => void,
  ) {
    this.#calls = calls;
    this.#now = now;
    this.#log = log;
  }

  /** Runs a call of a component that is due, unless it was canceled or has run. */
  async run(component: Component, id: string): Promise<void> {
    const caller = newCaller({
      scheduledFunctionId: id,
      scheduledIn: component.path,
    });
    const frame = { caller, depth: 0 };
    const { behaviour } = this.#calls.deployment;
    if (!behaviour.beforeCall) {
      const action = await this.#mutate(component, id, frame);
      if (action) await this.#call(component, id, frame, action);
      return;
    }
    const call = await this.#begin(component, id);
    if (!call) return;
    const { target } = call;
    const isAction = target?.definition.type === "action";
    try {
      await behaviour.beforeCall(
        isAction ? "scheduledAction" : "scheduledMutation",
        () => target?.component.registry.reload(target.definition.name),
      );
    } catch {
      // A failing reload does not matter, as the module is loaded already.
    }
    await this.#call(component, id, frame, call);
  }

  /**
   * Records that a call of any type is in progress, and returns the function that it calls; undefined when it is not
   * pending.
   */
  #begin(component: Component, id: string): Promise<Begun | undefined> {
    return this.#calls.transaction(
      { component, writable: true },
      async (transaction) => {
        const job = findJob(transaction, id);
        if (stateOf(job) !== "pending") return;
        beginJob(transaction, job!);
        const { address, args } = callOfJob(transaction, component, job!);
        try {
          return { target: await this.#calls.targets.findAny(address), args };
        } catch (error) {
          return { error, args };
        }
      },
    );
  }

  /** Runs a mutation. An action is only recorded as begun, and returned. */
  async #mutate(
    component: Component,
    id: string,
    frame: CallFrame,
  ): Promise<Begun | undefined> {
    try {
      return await this.#mutateOnce(component, id, frame);
    } catch (error) {
      // Not retried: it waited for something outside the engine, and would block all others again.
      if (!isGivenUp(error)) throw error;
      await this.#calls.transaction(
        { component, writable: true },
        (transaction) => {
          const job = findJob(transaction, id);
          if (stateOf(job) === "pending") this.#fail(transaction, job!, error);
        },
      );
    }
  }

  #mutateOnce(
    component: Component,
    id: string,
    frame: CallFrame,
  ): Promise<Begun | undefined> {
    return this.#calls.transaction(
      { component, writable: true },
      async (transaction) => {
        const pending = findJob(transaction, id);
        if (stateOf(pending) !== "pending") return;
        // A mutation sees this, too, although no other function does: some cancel what is pending, but not themselves.
        const job = beginJob(transaction, pending!);
        const { address, args } = callOfJob(transaction, component, job);
        try {
          const target = await this.#calls.targets.findAny(address);
          if (target.definition.type === "action") return { target, args };
          // The call and the record of its end are one transaction, so it runs exactly once.
          this.#calls.noteJob(transaction);
          await this.#calls.within(transaction, target, args, frame);
          endJob(transaction, job, { kind: "success" });
          this.#calls.noteJob(transaction);
          return;
        } catch (error) {
          this.#fail(transaction, job, error);
        }
      },
    );
  }

  /** Runs a call recorded as begun, then records how it ended. */
  async #call(
    component: Component,
    id: string,
    frame: CallFrame,
    { target, error, args }: Begun,
  ): Promise<void> {
    let note = (transaction: Transaction, job: Document) =>
      endJob(transaction, job, { kind: "success" });
    try {
      if (!target) throw error;
      await (target.definition.type === "action"
        ? this.#calls.act(target, args, frame)
        : this.#calls.transact(target, args, frame));
    } catch (error) {
      note = (transaction, job) => this.#fail(transaction, job, error);
    }
    await this.#calls.transaction(
      { component, writable: true },
      (transaction) => {
        const job = findJob(transaction, id);
        if (stateOf(job) === "inProgress") note(transaction, job!);
      },
    );
  }

  #fail(transaction: Transaction, job: Document, error: unknown): void {
    const name = String(job.name);
    this.#log(`Error when running scheduled function ${name}`, error);
    const state: JobState = { kind: "failed", error: textOf(error) };
    // A transaction can begin later than the clock says: see `TransactionClock`.
    const endMs = Math.max(this.#now(), transaction.startMs);
    endJob(transaction, job, state, endMs);
  }
}

/** The text of an error for `_scheduled_functions`. */
function textOf(error: unknown): string {
  return isCortexError(error) ? error.message : uncaughtText(error);
}

function stateOf(job: Document | undefined): JobState["kind"] | undefined {
  return (job?.state as JobState | undefined)?.kind;
}
