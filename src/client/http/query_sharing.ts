import type { PendingCall } from "./pending_call.ts";

/**
 * Lets a query share the request of an equal one that is on its way, by its call in `open`. True when it joined another;
 * otherwise others may join it until it settles or `open` is cleared, as later queries must see what was written since.
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
  call.onDone = () => {
    if (open.get(key) === call) open.delete(key);
  };
  return false;
}
