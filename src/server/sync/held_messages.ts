import { HeldBytes, type Hold } from "../held_bytes.ts";
import { overload } from "./sync_fault.ts";

/** Memory of a waiting frame beyond its text, in bytes. */
const FRAME_BYTES = 200;

/** A waiting frame. Kept as text, which takes less memory than parsed. */
export interface WaitingFrame {
  /** Its text. */
  frame: string;
  /** The memory reserved for it. */
  hold: Hold;
}

/** Limits the memory for the messages of one connection's client. */
export class HeldMessages {
  readonly #calls: HeldBytes;
  readonly #queries: HeldBytes;
  readonly #holds: Set<Hold> = new Set();

  /** Allows `max` bytes for calls, and as much for queries, within what all connections may hold. */
  constructor(max: number, all: HeldBytes) {
    this.#calls = new HeldBytes(max, all);
    this.#queries = new HeldBytes(max, all);
  }

  /**
   * Reserves memory for a call, to be released by the caller. Throws `SyncFault` if there is no room, as do the other
   * methods.
   */
  call = (bytes: number): Hold => hold(this.#calls, bytes);

  /** Reserves memory for a waiting frame. */
  waiting(frame: string): WaitingFrame {
    const held = hold(this.#calls, frame.length + FRAME_BYTES);
    this.#holds.add(held);
    return { frame, hold: held };
  }

  /** Reserves memory for the queries of one frame, divided evenly. */
  queries(count: number, bytes: number): Hold[] {
    return Array.from({ length: count }, () => {
      const held = hold(this.#queries, Math.ceil(bytes / count));
      this.#holds.add(held);
      return held;
    });
  }

  /** Releases the memory of a frame or a query. */
  drop(hold: Hold | undefined): void {
    if (hold && this.#holds.delete(hold)) hold.release();
  }

  /** Releases the memory of all frames and queries. */
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
