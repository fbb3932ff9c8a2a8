import type { Calls } from "../calls/calls.ts";
import type { Component } from "../components/components.ts";
import { deleteSystemDocument } from "../documents/system_documents.ts";
import { findJob, jobsIn } from "../jobs/jobs.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** How long Convex keeps finished calls. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
/** How often old calls are looked for. */
const SWEEP_MS = KEEP_MS / 168;
/** Old calls removed in one transaction. */
const SWEEP_SIZE = 256;
/** Canceled calls that would be due later, or were due lately, looked at in a sweep. */
const LOOKED_AT = 4096;

/** Removes scheduled calls that ended more than a week ago, once an hour. */
export class JobSweep {
  readonly #calls: Calls;
  #sweptMs = -Infinity;
  /** Where the last look at canceled calls has ended, by component: a key of their index. */
  readonly #places: Map<string, string> = new Map();

  /** Begins with the first call of `due`. */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The calls to remove now, of each component that has some. None unless an hour has passed. */
  due(nowMs: number): { component: Component; ids: string[] }[] {
    // The absolute difference, so that it does not wait for a clock that was set back to catch up.
    if (Math.abs(nowMs - this.#sweptMs) < SWEEP_MS) return [];
    this.#sweptMs = nowMs;
    return Array.from(this.#calls.components.all(), (component) => ({
      component,
      ids: [...oldJobs(component, nowMs), ...this.#canceled(component, nowMs)],
    })).filter(({ ids }) => ids.length > 0);
  }

  /** Removes these calls, and others that are old, some at a time, while `isWanted`. */
  async remove(
    component: Component,
    ids: readonly string[],
    nowMs: number,
    isWanted: () => boolean,
  ): Promise<void> {
    let old = ids;
    while (old.length > 0 && isWanted()) {
      const some = old.slice(0, SWEEP_SIZE);
      await this.#calls.transaction(
        { component, writable: true },
        (transaction) => deleteJobs(transaction, some),
      );
      old = old.slice(SWEEP_SIZE);
      if (old.length === 0) old = oldJobs(component, nowMs);
    }
  }

  /**
   * Calls that were canceled long ago and would be due later: rows are in the order of when calls are due, so it looks
   * at some in each sweep.
   */
  #canceled(component: Component, nowMs: number): string[] {
    const { path } = component;
    const old: string[] = [];
    let count = 0;
    for (
      const { key, id, timeMs, endedMs = nowMs } of jobsIn(
        component,
        "canceled",
        this.#places.get(path),
      )
    ) {
      if (count++ === LOOKED_AT) return old;
      this.#places.set(path, key);
      if (timeMs > nowMs - KEEP_MS && endedMs < nowMs - KEEP_MS) old.push(id);
    }
    this.#places.delete(path);
    return old;
  }
}

function deleteJobs(transaction: Transaction, ids: readonly string[]): void {
  for (const id of ids) {
    const job = findJob(transaction, id);
    if (job) deleteSystemDocument(transaction, job);
  }
}

/** Calls that were due and finished more than a week ago, up to the number removed at once. */
function oldJobs(component: Component, nowMs: number): string[] {
  const old: string[] = [];
  for (const kind of ["success", "failed", "canceled"] as const) {
    for (const { id, timeMs, endedMs = nowMs } of jobsIn(component, kind)) {
      if (timeMs > nowMs - KEEP_MS || old.length >= SWEEP_SIZE) break;
      if (endedMs < nowMs - KEEP_MS) old.push(id);
    }
  }
  return old;
}
