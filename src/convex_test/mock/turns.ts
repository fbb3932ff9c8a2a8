import type { WaitingCall } from "../../engine/behaviour.ts";

/**
 * Microtasks that `convex-test` takes before a function begins. They determine the order of calls that start at the
 * same time, made by the test or by timers that fire together, and tests have come to rely on it.
 */
const TURNS: { readonly [call in WaitingCall]: number } = {
  query: 3,
  mutation: 3,
  action: 2,
  scheduledMutation: 4,
  scheduledAction: 1,
};

/**
 * Waits as long as `convex-test` would. It loads the module each time, in one of these turns if that takes no longer.
 */
export function mockTurns(
  before: WaitingCall,
  load: () => Promise<unknown> | undefined,
): Promise<unknown> {
  const turns = TURNS[before];
  // Not an async function, which would add a turn of its own.
  return turns === 1 ? load() ?? Promise.resolve() : turnsAnd(turns, load);
}

async function turnsAnd(
  turns: number,
  load: () => Promise<unknown> | undefined,
): Promise<void> {
  // Two fewer: one is the caller's `await`, one the loader's.
  for (let turn = 2; turn < turns; turn++) await null;
  await load();
}
