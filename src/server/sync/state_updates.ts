import type { LiveResult } from "../../engine/engine.ts";
import type { SyncServices } from "./sync_services.ts";
import { splitTransition } from "./transition_chunks.ts";
import { Transitions, type Version } from "./transitions.ts";

/** How often to check whether a slow client has caught up, in ms. */
const CATCH_UP_MS = 50;
/** How long to wait for a new client's first request before sending it a state, in ms. */
const FIRST_REQUEST_MS = 1000;

/** The connection on which a client is told of states. */
export interface UpdateOutlet {
  /** Sends a frame. */
  send(frame: string): void;
  /** Whether the client still has too much to read. */
  isFull(): boolean;
  /** Whether a mutation included in the state at `ts` is unanswered. */
  isAnswering(ts: bigint): boolean;
  /** Called before the state at `ts` is sent. */
  onSend(ts: bigint): void;
}

/** Tells a client of the states of its queries: only of the latest one, once the client can use it. */
export class StateUpdates {
  /** Skew of the client's clock, in ms, once it is known. */
  clockSkewMs: number | undefined;
  readonly #services: Pick<SyncServices, "texts" | "now" | "joinsChunks">;
  readonly #outlet: UpdateOutlet;
  readonly #transitions: Transitions;
  /** The version of the query set that the client has sent. */
  #querySet = 0;
  /** Whether the client has sent a request, or `FIRST_REQUEST_MS` have passed. */
  #hasAsked = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins at the initial version of every client. */
  constructor(
    services: Pick<SyncServices, "texts" | "now" | "joinsChunks">,
    outlet: UpdateOutlet,
  ) {
    this.#services = services;
    this.#outlet = outlet;
    this.#transitions = new Transitions(services.texts);
  }

  /** Call this when the client has sent a version of its query set. */
  modified(querySet: number): void {
    this.#querySet = querySet;
    this.asked();
  }

  /** Call this when the client has sent a request: it need not wait for a state any longer. */
  asked(): void {
    this.#hasAsked = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Tells nothing more about a query that was removed in a version of the query set. */
  remove(queryId: number, querySet: number): void {
    this.#transitions.remove(queryId, querySet);
  }

  /** Keeps results for the state that is recorded next. */
  keep(changes: ReadonlyMap<number, LiveResult>): void {
    this.#transitions.keep(changes);
  }

  /** Records a later state, and tells the client if it can use it now. */
  record(version: Version, changes: ReadonlyMap<number, LiveResult>): void {
    this.#transitions.record(version, changes);
    this.flush();
  }

  /** Whether the state to be sent next includes the writes at a timestamp. */
  includes(ts: bigint): boolean {
    return (this.#transitions.next?.ts ?? -1n) >= ts;
  }

  /** Tells the client of the latest recorded state, now or when it can use it. */
  flush(): void {
    const { next } = this.#transitions;
    if (!next || this.#isClosed || this.#timer !== undefined) return;
    // A reconnecting client sends its queries right after its token: do not make it show a state without them.
    if (next.querySet === 0 && this.#querySet > 0) return;
    if (!this.#hasAsked) return this.#flushAfter(FIRST_REQUEST_MS);
    // A mutation's answer must come before the state with its writes, or an optimistic update would be shown twice.
    if (this.#outlet.isAnswering(next.ts)) return;
    if (this.#outlet.isFull()) return this.#flushAfter(CATCH_UP_MS);
    this.#outlet.onSend(next.ts);
    const { now, joinsChunks } = this.#services;
    const text = this.#transitions.take(now(), this.clockSkewMs);
    const frames = joinsChunks ? splitTransition(text) : [text];
    for (const frame of frames) this.#outlet.send(frame);
  }

  /** Tells nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #flushAfter(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.asked();
      this.flush();
    }, delayMs);
  }
}
