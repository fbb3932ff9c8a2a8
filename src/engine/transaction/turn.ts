import type { TaskOptions } from "./queue.ts";
import type { Transaction } from "./transaction.ts";

/** A transaction's turn in the queue. */
export class Turn implements TaskOptions {
  /** Gives the turn up while it waits. */
  readonly signal: AbortSignal | undefined;
  /** The transaction, once it has begun. */
  transaction: Transaction | undefined;

  /** Begins without a transaction. */
  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  /** Lets go of the promise of the function that it is about. */
  letGo(): WeakRef<object> | undefined {
    return this.transaction?.runs?.letGoOf(this.transaction);
  }

  /** Ends the transaction: what its function still does to the data is refused. */
  giveUp(error: unknown): void {
    this.transaction?.giveUp(error);
  }
}
