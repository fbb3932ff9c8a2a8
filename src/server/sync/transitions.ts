import type { LiveResult } from "../../engine/engine.ts";
import { EngineError } from "../../errors.ts";
import { encodeTs } from "../encoded_ts.ts";
import type { ResultTexts } from "./result_texts.ts";

/** Most characters of the results in one transition: JavaScript engines limit strings to about twice that. */
const MAX_LENGTH = 256 * 1024 * 1024;

/** Sent in place of a result that does not fit. */
const TOO_LONG: LiveResult = {
  ok: false,
  error: new EngineError(
    "LIMIT_EXCEEDED",
    "The results that a client is told at once are too long together: follow fewer of them, or ask for less",
  ),
  logLines: [],
  journal: null,
};

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
  readonly #maxLength: number;
  readonly #changes: Map<number, LiveResult> = new Map();
  /** Results of a version that is not complete yet. */
  readonly #early: Map<number, LiveResult> = new Map();
  #removed: { queryId: number; querySet: number }[] = [];
  #sent: Version = { querySet: 0, identity: 0, ts: 0n };
  #next: Version | undefined;

  /** Begins at the initial version of every client. */
  constructor(texts: ResultTexts, maxLength = MAX_LENGTH) {
    this.#texts = texts;
    this.#maxLength = maxLength;
  }

  /** The version to send; undefined: there is none. */
  get next(): Readonly<Version> | undefined {
    return this.#next;
  }

  /** Keeps results for the version that is recorded next. */
  keep(changes: ReadonlyMap<number, LiveResult>): void {
    for (const [queryId, result] of changes) this.#early.set(queryId, result);
  }

  /** Records a later version and the results that changed. */
  record(next: Version, changes: ReadonlyMap<number, LiveResult>): void {
    this.#next = next;
    this.keep(changes);
    for (const [queryId, result] of this.#early) {
      this.#changes.set(queryId, result);
    }
    this.#early.clear();
  }

  /** Records that a query was removed in a version of the query set: nothing more is sent about it. */
  remove(queryId: number, querySet: number): void {
    this.#changes.delete(queryId);
    this.#early.delete(queryId);
    this.#removed.push({ queryId, querySet });
  }

  /**
   * The transition to the latest recorded version, as text, with the server's time and, if known, the skew of the
   * client's clock, in ms.
   */
  take(nowMs: number, clockSkewMs?: number): string {
    const next = this.#next ?? this.#sent;
    const modifications: string[] = [];
    this.#removed = this.#removed.filter(({ queryId, querySet }) => {
      if (querySet > next.querySet) return true;
      modifications.push(`{"type":"QueryRemoved","queryId":${queryId}}`);
      return false;
    });
    let length = 0;
    for (const [queryId, result] of this.#changes) {
      const text = this.#texts.modification(queryId, result);
      const isOver = length + text.length > this.#maxLength;
      modifications.push(
        isOver ? this.#texts.modification(queryId, TOO_LONG) : text,
      );
      if (!isOver) length += text.length;
    }
    const start = versionText(this.#sent);
    const skew = clockSkewMs === undefined
      ? ""
      : `,"clientClockSkew":${clockSkewMs}`;
    // The server's time is in nanoseconds, the skew in ms: the client computes the transit time from both.
    const times = `${skew},"serverTs":${nowMs * 1e6}`;
    this.#changes.clear();
    this.#sent = next;
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
