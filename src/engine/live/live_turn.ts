import type { ReadSet } from "../transaction/read_set.ts";
import { Turn } from "../transaction/turn.ts";

/** A turn of the queue in which live queries run one after another. */
export class LiveTurn<Query> extends Turn {
  /** The query that is running, or ran last. */
  query: Query | undefined;
  /** The reads of that query. */
  reads: ReadSet | undefined;
  /**
   * Whether the turn was given up because its query waited for something outside the engine. A later result is ignored.
   */
  isGivenUp = false;

  /** Begins without a query. */
  constructor() {
    super(undefined);
  }

  override giveUp(error: unknown): void {
    this.isGivenUp = true;
    super.giveUp(error);
  }
}
