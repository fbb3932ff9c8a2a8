import { tell } from "../../at_once.ts";
import { type Caller, requestIdOf } from "./caller.ts";
import type { Component } from "../components/components.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Report to an observer about a function that has run. */
export interface Execution {
  /** Kind of function. */
  kind: "query" | "mutation" | "action" | "httpAction";
  /** Path of its component; empty for the app. */
  component: string;
  /** Its name, `module:export`; for an HTTP action, method and route. */
  name: string;
  /** Id of the request it is part of. */
  requestId: string;
  /** When it began, in ms since 1970. */
  startMs: number;
  /** How long it took, in ms. */
  durationMs: number;
  /** Console lines of it and of the functions that it called, each as `[LEVEL] text`. */
  logLines: string[];
  /** The thrown value; absent if it succeeded. */
  error?: unknown;
}

/** A function of a component, to be run. */
interface ExecutionTarget {
  component: Component;
  definition: { type: Execution["kind"]; name: string };
}

/** Informs observers of each transaction and action that has run. Costs nothing without observers. */
export class Executions {
  readonly #now: () => number;
  readonly #observers: Set<(execution: Execution) => void> = new Set();
  /** For the log lines of a request, the indexes of those that were reported with a function. */
  readonly #reportedLines: WeakMap<string[], Set<number>> = new WeakMap();

  /** Takes the time, in ms since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls an observer from now on, until the returned function is called. */
  observe(observer: (execution: Execution) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Runs a function, and reports it to observers. */
  run<T>(
    target: ExecutionTarget,
    { caller }: { caller: Caller },
    body: () => Promise<T>,
    transaction?: Transaction,
  ): Promise<T> {
    return this.#observers.size === 0
      ? body()
      : this.#runObserved(target, caller, body, transaction);
  }

  async #runObserved<T>(
    { component, definition: { type: kind, name } }: ExecutionTarget,
    caller: Caller,
    body: () => Promise<T>,
    transaction: Transaction | undefined,
  ): Promise<T> {
    const startMs = this.#now();
    const first = caller.logLines.length;
    let isReported = false;
    const report = (outcome: { error?: unknown }) => {
      if (isReported) return;
      isReported = true;
      const execution: Execution = {
        kind,
        component: component.path,
        name,
        requestId: requestIdOf(caller, component.database.ids),
        startMs,
        durationMs: this.#now() - startMs,
        logLines: this.#newLines(caller.logLines, first),
        ...outcome,
      };
      for (const observer of this.#observers) tell(observer, execution);
    };
    if (transaction) {
      transaction.root.onGiveUp = (error) => report({ error });
    }
    try {
      const result = await body();
      report({});
      return result;
    } catch (error) {
      report({ error });
      throw error;
    }
  }

  #newLines(lines: string[], first: number): string[] {
    let reported = this.#reportedLines.get(lines);
    if (!reported) this.#reportedLines.set(lines, reported = new Set());
    const fresh: string[] = [];
    for (let place = first; place < lines.length; place++) {
      if (!reported.has(place)) fresh.push(lines[place]!);
      reported.add(place);
    }
    return fresh;
  }
}
