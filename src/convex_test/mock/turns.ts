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

/** Waits as long as `convex-test` would. */
export async function mockTurns(before: WaitingCall): Promise<void> {
  // One of them is that of who waits for this.
  for (let turn = 1; turn < TURNS[before]; turn++) await null;
}
