import type { LiveResult } from "../../engine/engine.ts";
import { encodeTs } from "../encoded_ts.ts";
import type { ResultTexts } from "../result_texts.ts";

/** A state of what a client follows. Each part only grows. */
export interface Version {
  /** Version of the set of queries. */
  querySet: number;
  /** Version of who asks. */
  identity: number;
  /** Timestamp of the data. */
  ts: bigint;
}

/** What a client has been told, and what it is to be told next. */
export class Transitions {
  readonly #texts: ResultTexts;
  readonly #changes: Map<number, LiveResult> = new Map();
  #removed: { queryId: number; querySet: number }[] = [];
  #told: Version = { querySet: 0, identity: 0, ts: 0n };
  #next: Version | undefined;

  /** Begins where every client does. */
  constructor(texts: ResultTexts) {
    this.#texts = texts;
  }

  /** What is to be told; undefined: nothing is. */
  get next(): Readonly<Version> | undefined {
    return this.#next;
  }

  /** Notes a later state, with the results that differ in it. */
  note(next: Version, changes: ReadonlyMap<number, LiveResult>): void {
    this.#next = next;
    for (const [queryId, result] of changes) this.#changes.set(queryId, result);
  }

  /** Notes that a version of the query set has a query no longer: nothing more is told of it. */
  remove(queryId: number, querySet: number): void {
    this.#changes.delete(queryId);
    this.#removed.push({ queryId, querySet });
  }

  /**
   * The transition to what was noted last, as text, with the server's time and, where it is known, how far the
   * client's is ahead, in ms.
   */
  take(nowMs: number, clockSkewMs?: number): string {
    const next = this.#next ?? this.#told;
    const modifications: string[] = [];
    this.#removed = this.#removed.filter(({ queryId, querySet }) => {
      if (querySet > next.querySet) return true;
      modifications.push(`{"type":"QueryRemoved","queryId":${queryId}}`);
      return false;
    });
    for (const [queryId, result] of this.#changes) {
      modifications.push(this.#texts.modification(queryId, result));
    }
    const start = versionText(this.#told);
    const skew = clockSkewMs === undefined
      ? ""
      : `,"clientClockSkew":${clockSkewMs}`;
    // In nanoseconds, unlike the skew: the client tells by both how long a transition was under way.
    const times = `${skew},"serverTs":${nowMs * 1e6}`;
    this.#changes.clear();
    this.#told = next;
    this.#next = undefined;
    return `{"type":"Transition","startVersion":${start},"endVersion":${
      versionText(next)
    },"modifications":[${modifications.join(",")}]${times}}`;
  }
}

function versionText({ querySet, identity, ts }: Version): string {
  return `{"querySet":${querySet},"identity":${identity},"ts":"${
    encodeTs(ts)
  }"}`;
}
