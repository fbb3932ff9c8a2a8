import type { TaskOptions } from "./queue.ts";
import type { Transaction } from "./transaction.ts";

/** A transaction's turn in the queue. */
export class Turn implements TaskOptions {
  /** Cancels the turn while it waits. */
  readonly signal: AbortSignal | undefined;
  /** The transaction, once it has begun. */
  transaction: Transaction | undefined;

  /** Begins without a transaction. */
  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  /** Lets go of the promise of the transaction's function. */
  letGo(): WeakRef<object> | undefined {
    return this.transaction?.runs?.letGoOf(this.transaction);
  }

  /** Ends the transaction: its function can no longer use the data. */
  giveUp(error: unknown): void {
    this.transaction?.giveUp(error);
  }
}
