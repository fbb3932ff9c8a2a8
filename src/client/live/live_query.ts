import { type FunctionResponse, unwrapResponse } from "../wire.ts";
import type { LongWork, Modification } from "./live_protocol.ts";
import type { QueryObserver } from "../types.ts";

/** A result, and whether the values in it are no longer encoded: of one that is long. */
interface Latest {
  response: FunctionResponse;
  isDecoded: boolean;
}

/** One query that is followed, by any number of observers. */
export class LiveQuery {
  /** Its id on the wire. */
  readonly id: number;
  readonly #name: string;
  readonly #argsJson: string;
  readonly #long: LongWork;
  readonly #observers = new Set<QueryObserver>();
  #journal: string | null = null;
  #latest: Latest | undefined;
  /** Whether an observer has the latest result itself, no copy of it, and may have changed it. */
  #isGiven = false;
  /** Whether the server has not told its result yet since the connection was made anew. */
  #isStale = false;

  constructor(id: number, name: string, argsJson: string, long: LongWork) {
    this.id = id;
    this.#long = long;
    this.#name = name;
    this.#argsJson = argsJson;
  }

  /** Whether anybody follows it. */
  get isFollowed(): boolean {
    return this.#observers.size > 0;
  }

  /** Whether another observer can be told the latest result. */
  get isShared(): boolean {
    return !this.#isGiven;
  }

  /** Text of the modification that adds it; with the journal, so that pages stay what they were. */
  get addition(): string {
    return `{"type":"Add","queryId":${this.id},"udfPath":${
      JSON.stringify(this.#name)
    },"args":[${this.#argsJson}],"journal":${JSON.stringify(this.#journal)}}`;
  }

  /** Adds an observer, who is told the result that is known. */
  add(observer: QueryObserver): void {
    this.#observers.add(observer);
    const latest = this.#latest;
    if (latest === undefined) return;
    queueMicrotask(() => {
      // A later result tells everybody.
      if (this.#latest === latest) void this.#tell(observer, latest);
    });
  }

  /** Removes an observer. */
  remove(observer: QueryObserver): void {
    this.#observers.delete(observer);
  }

  /** The connection is made anew: what comes first may be what is known. */
  reconnect(): void {
    this.#isStale = true;
  }

  /**
   * Takes a result in; what is to be called then tells the observers, and gives what is to be waited for when that
   * takes its time.
   */
  update(
    modification: Modification,
    isDecoded = false,
  ): (() => Promise<unknown> | undefined) | undefined {
    if (modification.type === "QueryRemoved") return undefined;
    const { logLines } = modification;
    if (modification.journal !== undefined) {
      this.#journal = modification.journal;
    }
    const response: FunctionResponse = modification.type === "QueryUpdated"
      ? { status: "success", value: modification.value, logLines }
      : { ...modification, status: "error" };
    const known = this.#latest;
    // Long ones are no JSON, and to compare them would hold the thread; told twice they do no harm.
    const isKnown = this.#isStale && !isDecoded && known?.isDecoded === false &&
      JSON.stringify(response) === JSON.stringify(known.response);
    this.#isStale = false;
    const latest = { response, isDecoded };
    this.#latest = latest;
    this.#isGiven = false;
    if (isKnown) return undefined;
    return () => {
      this.#isGiven = isDecoded && this.#observers.size === 1;
      if (this.#isGiven) {
        const [only] = this.#observers;
        tellObserver(only!, latest);
        return undefined;
      }
      const told = [...this.#observers].map((observer) =>
        this.#tell(observer, latest)
      );
      return isDecoded ? Promise.all(told) : undefined;
    };
  }

  /** Tells every observer that nothing more comes of it. */
  fail(error: Error): void {
    for (const observer of [...this.#observers]) observer.onError(error);
  }

  /** Gives an observer a copy of its own, unless it went away meanwhile or there is something newer. */
  #tell(observer: QueryObserver, latest: Latest): Promise<void> | undefined {
    if (latest.isDecoded) return this.#tellLong(observer, latest);
    if (this.#observers.has(observer)) tellObserver(observer, latest);
  }

  async #tellLong(
    observer: QueryObserver,
    { response }: Latest,
  ): Promise<void> {
    const copy = await this.#long.copy(response);
    if (this.#latest?.response !== response) return;
    if (!this.#observers.has(observer)) return;
    tellObserver(observer, { response: copy, isDecoded: true });
  }
}

function tellObserver(
  observer: QueryObserver,
  { response, isDecoded }: Latest,
): void {
  let value: unknown;
  try {
    value = unwrapResponse(response, isDecoded);
  } catch (error) {
    return observer.onError(error as Error);
  }
  observer.onValue(value, response.logLines);
}
