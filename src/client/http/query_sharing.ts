import type { PendingCall } from "./pending_call.ts";

/**
 * Lets a query share the request of an equal one that is on its way, by its call in `open`. True when it joined another;
 * otherwise others may join it until `open` is cleared, as later queries must see what was written, or read, since.
 */
export function joinOpen(
  open: Map<string, PendingCall>,
  call: PendingCall,
): boolean {
  const key = `${call.name}\0${call.argsJson}`;
  const leader = open.get(key);
  if (
    leader?.safety === call.safety && leader.priority >= call.priority &&
    !leader.abandoned
  ) {
    leader.join(call);
    return true;
  }
  open.set(key, call);
  // Nor may a later query show less than this one's answer.
  call.onDone = () => open.clear();
  return false;
}
