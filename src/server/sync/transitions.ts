import type { LiveResult } from "../../engine/engine.ts";
import { encodeTs } from "../encoded_ts.ts";
import type { ResultTexts } from "../result_texts.ts";

/** A version of a client's state. Each part only grows. */
export interface Version {
  /** Version of the set of queries. */
  querySet: number;
  /** Version of the identity. */
  identity: number;
  /** Timestamp of the data. */
  ts: bigint;
}

/** The state that a client has been sent, and what to send next. */
export class Transitions {
  readonly #texts: ResultTexts;
  readonly #changes: Map<number, LiveResult> = new Map();
  #removed: { queryId: number; querySet: number }[] = [];
  #told: Version = { querySet: 0, identity: 0, ts: 0n };
  #next: Version | undefined;

  /** Begins at the initial version of every client. */
  constructor(texts: ResultTexts) {
    this.#texts = texts;
  }

  /** The version to send; undefined: there is none. */
  get next(): Readonly<Version> | undefined {
    return this.#next;
  }

  /** Records a later version and the results that changed. */
  note(next: Version, changes: ReadonlyMap<number, LiveResult>): void {
    this.#next = next;
    for (const [queryId, result] of changes) this.#changes.set(queryId, result);
  }

  /** Records that a query was removed in a version of the query set: nothing more is sent about it. */
  remove(queryId: number, querySet: number): void {
    this.#changes.delete(queryId);
    this.#removed.push({ queryId, querySet });
  }

  /**
   * The transition to the latest recorded version, as text, with the server's time and, if known, the skew of the
   * client's clock, in ms.
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
    // In nanoseconds, unlike the skew: from both, the client computes the transit time.
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
