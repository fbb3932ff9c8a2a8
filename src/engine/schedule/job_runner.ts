import { isCortexError } from "../../errors.ts";
import type { CallFrame, Target } from "../calls/call_types.ts";
import { newCaller } from "../calls/caller.ts";
import type { Calls } from "../calls/calls.ts";
import { uncaughtText } from "../calls/thrown.ts";
import type { Component } from "../components.ts";
import type { Document } from "../documents/fields.ts";
import { isGivenUp } from "../run/watchdog.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { beginJob, callOfJob, endJob, findJob, type JobState } from "./jobs.ts";

/** An action, and what it is called with. */
interface ActionCall {
  target: Target;
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
    const frame = { caller: newCaller({ scheduledFunctionId: id }), depth: 0 };
    const { beforeJob } = this.#calls.deployment;
    if (beforeJob) {
      if (!await this.#begin(component, id)) return;
      await beforeJob();
    }
    const begun = beforeJob && await this.#actionOf(component, id);
    const action = begun ??
      await this.#mutate(component, id, frame, beforeJob !== undefined);
    if (action) await this.#act(component, id, frame, action);
  }

  /** Notes that a call is in progress; false where it is not pending. */
  #begin(component: Component, id: string): Promise<boolean> {
    return this.#calls.transaction(
      { component, writable: true },
      (transaction) => {
        const job = findJob(transaction, id);
        if (stateOf(job) !== "pending") return false;
        beginJob(transaction, job!);
        return true;
      },
    );
  }

  /** What a call that has begun is of, where that is an action: nothing more is written before it runs. */
  #actionOf(
    component: Component,
    id: string,
  ): Promise<ActionCall | undefined> {
    return this.#calls.transaction(
      { component, writable: false },
      async (transaction) => {
        const job = findJob(transaction, id);
        if (!job) return;
        const { address, args } = callOfJob(transaction, component, job);
        const target = await this.#calls.findAny(address).catch(() =>
          undefined
        );
        if (target?.definition.type === "action") return { target, args };
      },
    );
  }

  /** Runs a mutation. An action is only noted as begun, and given back. */
  async #mutate(
    component: Component,
    id: string,
    frame: CallFrame,
    hasBegun: boolean,
  ): Promise<ActionCall | undefined> {
    try {
      return await this.#mutateOnce(component, id, frame, hasBegun);
    } catch (error) {
      // What waits for something foreign would hold all others again, each time that it is tried.
      if (!isGivenUp(error)) throw error;
      await this.#calls.transaction(
        { component, writable: true },
        (transaction) => {
          const job = findJob(transaction, id);
          const isOver = stateOf(job) !== (hasBegun ? "inProgress" : "pending");
          if (!isOver) this.#fail(transaction, job!, error);
        },
      );
    }
  }

  #mutateOnce(
    component: Component,
    id: string,
    frame: CallFrame,
    hasBegun: boolean,
  ): Promise<ActionCall | undefined> {
    return this.#calls.transaction(
      { component, writable: true },
      async (transaction) => {
        const job = findJob(transaction, id);
        if (stateOf(job) !== (hasBegun ? "inProgress" : "pending")) return;
        const { address, args } = callOfJob(transaction, component, job!);
        try {
          const target = await this.#calls.findAny(address);
          if (target.definition.type === "action") {
            beginJob(transaction, job!);
            return { target, args };
          }
          // The call and the note that it was made are one transaction: it is made exactly once.
          await this.#calls.within(transaction, target, args, frame);
          endJob(transaction, job!, { kind: "success" });
          return;
        } catch (error) {
          this.#fail(transaction, job!, error);
        }
      },
    );
  }

  /** Runs an action, then notes how it ended. */
  async #act(
    component: Component,
    id: string,
    frame: CallFrame,
    { target, args }: ActionCall,
  ): Promise<void> {
    let note = (transaction: Transaction, job: Document) =>
      endJob(transaction, job, { kind: "success" });
    try {
      await this.#calls.act(target, args, frame);
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
    // Under compat a transaction can begin later than the clock says.
    const endMs = Math.max(this.#now(), transaction.startMs);
    endJob(transaction, job, state, endMs);
  }
}

/** What `_scheduled_functions` says of an error. */
function textOf(error: unknown): string {
  return isCortexError(error) ? error.message : uncaughtText(error);
}

function stateOf(job: Document | undefined): JobState["kind"] | undefined {
  return (job?.state as JobState | undefined)?.kind;
}
