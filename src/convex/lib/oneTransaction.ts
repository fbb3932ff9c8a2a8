/**
 * Calls that are all or nothing, and so one transaction however large what they name. Convex ends a transaction that
 * reads or writes too much with an error of its own, which cannot say what to give less of; these say it.
 *
 * @module
 */
import { LIMIT_EXCEEDED } from "./codes.ts";
import { fail, isExpected } from "./errors.ts";

/** How Convex says that a transaction has read or written as much as it may. */
const FULL = /^Too many (.+) in a single function execution \(limit: (\d+)/;
/** What every such error says. */
const FIT = "fit into one transaction";

/**
 * Handles the items of an argument in order.
 *
 * @param name The argument, for the error.
 * @throws {ConvexError} `LIMIT_EXCEEDED` if they do not fit into the transaction; says how many do.
 */
export async function eachInOne<Item>(
  name: string,
  items: readonly Item[],
  handle: (item: Item) => Promise<void>,
): Promise<void> {
  for (const [at, item] of items.entries()) {
    await inOne(
      () => handle(item),
      (fit) =>
        `${name} has ${items.length} items, of which ${at} ${fit}: give fewer`,
    );
  }
}

/**
 * Runs a part of a transaction.
 *
 * @param says What does not `fit` if the transaction is full.
 * @throws {ConvexError} `LIMIT_EXCEEDED` then.
 */
export async function inOne<Result>(
  run: () => Promise<Result>,
  says: (fit: string) => string,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const [, what, limit] = !isExpected(error) && error instanceof Error &&
        FULL.exec(error.message) || [];
    if (limit === undefined) throw error;
    fail(LIMIT_EXCEEDED, `${says(FIT)} (${what}: at most ${limit})`);
  }
}

/** Whether the data of an expected failure says that a transaction is full. */
export function saysFull(data: unknown): boolean {
  return typeof data === "string" && data.startsWith(LIMIT_EXCEEDED) &&
    data.includes(FIT);
}
