import { HeldBytes, type Hold } from "../held_bytes.ts";
import { overload } from "./sync_messages.ts";

/** A frame that waits, unread: as a text it takes least. */
export interface WaitingFrame {
  /** Its text. */
  frame: string;
  /** The memory that it takes. */
  hold: Hold;
}

/** What a connection holds of what its client has sent. */
export class HeldMessages {
  readonly #calls: HeldBytes;
  readonly #queries: HeldBytes;
  readonly #holds: Set<Hold> = new Set();

  /** Of `max` bytes at most for calls, and for queries, and of what all connections may hold. */
  constructor(max: number, all: HeldBytes) {
    this.#calls = new HeldBytes(max, all);
    this.#queries = new HeldBytes(max, all);
  }

  /** Holds a call, until its hold is released. Throws `SyncFault` where there is no room, as the others do. */
  call = (bytes: number): Hold => hold(this.#calls, bytes);

  /** Holds a frame. */
  waiting(frame: string): WaitingFrame {
    const held = hold(this.#calls, frame.length);
    this.#holds.add(held);
    return { frame, hold: held };
  }

  /** Holds queries of one frame, each with its part of so many bytes. */
  queries(count: number, bytes: number): Hold[] {
    return Array.from({ length: count }, () => {
      const held = hold(this.#queries, Math.ceil(bytes / count));
      this.#holds.add(held);
      return held;
    });
  }

  /** Holds a frame or a query no longer. */
  drop(hold: Hold | undefined): void {
    if (hold && this.#holds.delete(hold)) hold.release();
  }

  /** Holds no frames and no queries any more. */
  close(): void {
    for (const hold of this.#holds) hold.release();
    this.#holds.clear();
  }
}

function hold(pool: HeldBytes, bytes: number): Hold {
  const hold = pool.begin();
  if (hold.add(bytes)) return hold;
  throw overload(
    "TooManyConcurrentRequests",
    "too much of what clients have sent waits or is followed",
  );
}
