import type { PendingCall } from "./pending_call.ts";

/** Lets a query share the request of an equal one that is on its way. */
export class QuerySharing {
  readonly #open = new Map<string, PendingCall>();

  /** True when the call joined another; otherwise others may join it until it settles or {@link end} is called. */
  join(call: PendingCall): boolean {
    const key = `${call.name}\0${call.argsJson}`;
    const leader = this.#open.get(key);
    if (
      leader?.safety === call.safety && leader.priority >= call.priority &&
      !leader.abandoned
    ) {
      leader.join(call);
      return true;
    }
    this.#open.set(key, call);
    call.onDone = () => {
      if (this.#open.get(key) === call) this.#open.delete(key);
    };
    return false;
  }

  /** Stops sharing the requests on their way: later queries must see what was written since. */
  end(): void {
    this.#open.clear();
  }
}
