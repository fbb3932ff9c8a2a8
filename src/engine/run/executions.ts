import { type Caller, requestIdOf } from "./caller.ts";
import type { Component } from "../components/components.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** What an observer learns about a function that has run. */
export interface Execution {
  /** What ran. */
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
  /** What it, and the functions it called, wrote to the console, each line as `[LEVEL] text`. */
  logLines: string[];
  /** What it threw; absent if it succeeded. */
  error?: unknown;
}

/** What is run: a function of a component. */
interface ExecutionTarget {
  component: Component;
  definition: { type: Execution["kind"]; name: string };
}

/** Informs observers of each transaction and action that has run. Costs nothing without observers. */
export class Executions {
  readonly #now: () => number;
  readonly #observers: Set<(execution: Execution) => void> = new Set();
  /** Of each request, the log lines that were reported with a function that has ended, by their places. */
  readonly #toldOf: WeakMap<string[], Set<number>> = new WeakMap();

  /** Takes the time, in ms since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls an observer from now on, until the returned function is called. */
  observe(observer: (execution: Execution) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Runs a function, and reports it. */
  run<T>(
    target: ExecutionTarget,
    { caller }: { caller: Caller },
    body: () => Promise<T>,
    transaction?: Transaction,
  ): Promise<T> {
    return this.#observers.size === 0
      ? body()
      : this.#told(target, caller, body, transaction);
  }

  async #told<T>(
    { component, definition: { type: kind, name } }: ExecutionTarget,
    caller: Caller,
    body: () => Promise<T>,
    transaction: Transaction | undefined,
  ): Promise<T> {
    const startMs = this.#now();
    const first = caller.logLines.length;
    let isTold = false;
    const tell = (outcome: { error?: unknown }) => {
      if (isTold) return;
      isTold = true;
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
      for (const observer of this.#observers) observer(execution);
    };
    if (transaction) {
      transaction.root.onGiveUp = (error) => tell({ error });
    }
    try {
      const result = await body();
      tell({});
      return result;
    } catch (error) {
      tell({ error });
      throw error;
    }
  }

  #newLines(lines: string[], first: number): string[] {
    let told = this.#toldOf.get(lines);
    if (!told) this.#toldOf.set(lines, told = new Set());
    const fresh: string[] = [];
    for (let place = first; place < lines.length; place++) {
      if (!told.has(place)) fresh.push(lines[place]!);
      told.add(place);
    }
    return fresh;
  }
}
