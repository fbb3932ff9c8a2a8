import { type FunctionResponse, unwrapResponse } from "../wire.ts";
import type { Latest, LongWork, Modification } from "./live_protocol.ts";
import type { QueryObserver } from "../types.ts";

/** One followed query, with any number of observers. */
export class LiveQuery {
  /** Its id on the wire. */
  readonly id: number;
  readonly #called: string;
  readonly #long: () => Promise<LongWork>;
  readonly #observers = new Set<QueryObserver>();
  #journal: string | null = null;
  /** The result that observers have or are about to get. */
  #latest: Latest | undefined;
  /** The last result received, which observers may not have yet. */
  #newest: Latest | undefined;
  /** Whether an observer got the latest result itself instead of a copy, and may have changed it: no other can. */
  isGiven = false;
  /** Set when the connection is renewed: the first result may be the known one again. */
  isStale = false;

  /** `called` is what `calledBy` gives. */
  constructor(id: number, called: string, long: () => Promise<LongWork>) {
    this.id = id;
    this.#called = called;
    this.#long = long;
  }

  /** The modification that adds the query, as text. Its journal keeps the bounds of pages unchanged. */
  get addition(): string {
    return `{"type":"Add","queryId":${this.id},${this.#called},"journal":${
      JSON.stringify(this.#journal)
    }}`;
  }

  /** Adds an observer, which gets the result at once if it is known. */
  add(observer: QueryObserver): void {
    this.#observers.add(observer);
    const latest = this.#latest;
    if (!latest) return;
    queueMicrotask(() => {
      // A later result reaches all observers anyway.
      if (this.#latest === latest) void this.#tell(observer, latest);
    });
  }

  /** Removes an observer. Returns whether there are others. */
  remove(observer: QueryObserver): boolean {
    this.#observers.delete(observer);
    return this.#observers.size > 0;
  }

  /** Stores a result. Returns a function that notifies the observers, which returns a promise if that takes time. */
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
    const before = this.isStale ? this.#latest : undefined;
    this.isStale = false;
    const latest = this.#newest = { response, isDecoded };
    const tell = () => this.#tellAll(latest);
    if (before === undefined) return tell;
    if (!isDecoded && !before.isDecoded) {
      const known = JSON.stringify(before.response);
      return known === JSON.stringify(response) ? undefined : tell;
    }
    return async () => {
      const long = await this.#long();
      const isSame = await long.isSame(before, latest);
      if (!isSame && this.#newest === latest) await tell();
    };
  }

  /** Reports a failure to every observer, after which even the known result is news. */
  fail(error: Error): void {
    this.#latest = undefined;
    for (const observer of this.#observers) observer.onError(error);
  }

  #tellAll(latest: Latest): Promise<unknown> | undefined {
    const { isDecoded } = latest;
    this.#latest = latest;
    this.isGiven = isDecoded && this.#observers.size === 1;
    if (this.isGiven) {
      const [only] = this.#observers;
      tellObserver(only!, latest);
      return undefined;
    }
    const told = [...this.#observers].map((observer) =>
      this.#tell(observer, latest)
    );
    return isDecoded ? Promise.all(told) : undefined;
  }

  /** Gives an observer its own copy, unless it was removed meanwhile or there is a newer result. */
  #tell(observer: QueryObserver, latest: Latest): Promise<void> | undefined {
    if (latest.isDecoded) return this.#tellLong(observer, latest);
    if (this.#observers.has(observer)) tellObserver(observer, latest);
  }

  async #tellLong(
    observer: QueryObserver,
    { response }: Latest,
  ): Promise<void> {
    const copy = await (await this.#long()).copy(response);
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
