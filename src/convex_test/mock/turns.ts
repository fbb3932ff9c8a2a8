import type { WaitingCall } from "../../engine/behaviour.ts";

/**
 * Turns of the microtask queue that `convex-test` needs before a function begins. What starts at the same time, by the
 * test or by timers that fire together, comes in the order of these, and tests have come to count on it.
 */
const TURNS: { readonly [call in WaitingCall]: number } = {
  query: 3,
  mutation: 3,
  action: 2,
  scheduledMutation: 4,
  scheduledAction: 1,
};

/** Waits as long as `convex-test` would: it loads the module anew, in one of these turns if that takes no more. */
export function mockTurns(
  before: WaitingCall,
  load: () => Promise<unknown> | undefined,
): Promise<unknown> {
  const turns = TURNS[before];
  // An asynchronous function would add a turn of its own.
  return turns === 1 ? load() ?? Promise.resolve() : turnsAnd(turns, load);
}

async function turnsAnd(
  turns: number,
  load: () => Promise<unknown> | undefined,
): Promise<void> {
  // One of them is that of who waits for this, one that of the loader.
  for (let turn = 2; turn < turns; turn++) await null;
  await load();
}
