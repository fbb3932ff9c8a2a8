import type { ReadSet } from "../transaction/read_set.ts";
import { Turn } from "../transaction/turn.ts";

/** A turn of the queue in which followed queries run, and the one of them that runs. */
export class LiveTurn<Query> extends Turn {
  /** The one that runs, or ran last. */
  query: Query | undefined;
  /** What it has read. */
  reads: ReadSet | undefined;
  /** Whether it was given up while it waited for something foreign: whatever it still gives comes too late. */
  isGivenUp = false;

  /** Begins without any. */
  constructor() {
    super(undefined);
  }

  override giveUp(error: unknown): void {
    this.isGivenUp = true;
    super.giveUp(error);
  }
}
