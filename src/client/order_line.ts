/** Calls of one order key that have not settled. */
export interface OrderLine {
  /** Settles when all of them have. */
  all: Promise<unknown>;
  /** Settles when the last that nobody may join has, and those before it. */
  alone: Promise<unknown> | undefined;
}
