/** Calls of one order key that have not settled. */
export interface OrderLine {
  /** Settles when all of them have. */
  all: Promise<unknown>;
  /** Settles with the last call that no other may join, and those before it. */
  alone: Promise<unknown> | undefined;
}
