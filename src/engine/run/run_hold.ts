import { newCaller } from "./caller.ts";
import type { Component } from "../components/components.ts";
import { Transaction } from "../transaction/transaction.ts";
import { Run } from "./run.ts";

/**
 * Reference to a run in the host's `AsyncLocalStorage`. Deno releases a value in such a storage only in a full garbage
 * collection; until then, everything reachable from it is copied by minor collections, which took a third of the time
 * of a short query. So almost nothing is reachable from this once a query or a mutation has ended.
 */
export class RunHold {
  #run: Run | undefined;
  #component: Component | undefined;
  #isMutation = false;
  #startMs = 0;

  /** Holds a run. */
  constructor(run: Run) {
    this.#run = run;
  }

  /** The run. After `letGo`, a stand-in that has ended too, for code of the run that is still running. */
  get run(): Run {
    return this.#run ??= this.#ended(this.#component!);
  }

  /** Lets go of a run that has ended. */
  letGo(): void {
    const run = this.#run!;
    const { component, kind } = run.parts;
    this.#component = component;
    this.#isMutation = kind === "mutation";
    this.#startMs = run.startMs;
    this.#run = undefined;
  }

  #ended(component: Component): Run {
    const writable = this.#isMutation;
    const start = { startMs: this.#startMs, writable };
    const transaction = Transaction.begin(component.database, start);
    transaction.close();
    return new Run({
      kind: writable ? "mutation" : "query",
      component,
      name: "",
      isPublic: false,
      caller: newCaller(),
      depth: 1,
      transaction,
      signal: undefined,
    });
  }
}
