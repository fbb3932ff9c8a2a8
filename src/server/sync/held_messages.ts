import { HeldBytes, type Hold } from "../held_bytes.ts";
import { type ClientMessage, overload } from "./sync_messages.ts";

/** A message, and what is held for it: of many queries, for each of them. */
export interface HeldMessage {
  /** The message. */
  message: ClientMessage;
  /** One, or one for each query that it adds. */
  holds: Hold[];
}

/** What a connection holds of what its client has sent. */
export class HeldMessages {
  readonly #bytes: HeldBytes;
  readonly #holds: Set<Hold> = new Set();

  /** Of `max` at most, and of what all connections may hold. */
  constructor(max: number, all: HeldBytes) {
    this.#bytes = new HeldBytes(max, all);
  }

  /** Holds a message of a length. Throws `SyncFault` where there is no room. */
  hold(message: ClientMessage, length: number): HeldMessage {
    const added = message.type === "ModifyQuerySet" ? message.added.length : 0;
    const count = Math.max(1, added);
    const holds: Hold[] = [];
    for (let at = 0; at < count; at++) {
      const hold = this.#bytes.begin();
      if (!hold.add(Math.ceil(length / count))) {
        throw overload(
          "TooManyConcurrentRequests",
          "too much of what the client has sent waits or is followed",
        );
      }
      this.#holds.add(hold);
      holds.push(hold);
    }
    return { message, holds };
  }

  /** Holds it no longer. */
  drop(hold: Hold | undefined): void {
    if (hold && this.#holds.delete(hold)) hold.release();
  }

  /** Leaves it to somebody else to release. */
  handOver(hold: Hold): Hold {
    this.#holds.delete(hold);
    return hold;
  }

  /** Holds nothing any more. */
  close(): void {
    for (const hold of this.#holds) hold.release();
    this.#holds.clear();
  }
}
