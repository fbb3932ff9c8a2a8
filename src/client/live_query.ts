import { type FunctionResponse, unwrapResponse } from "./function_response.ts";
import type { Modification } from "./live_protocol.ts";
import type { QueryObserver } from "./types.ts";

/** One query that is followed, by any number of observers. */
export class LiveQuery {
  /** Its id on the wire. */
  readonly id: number;
  readonly #name: string;
  readonly #argsJson: string;
  readonly #observers = new Set<QueryObserver>();
  #journal: string | null = null;
  #latest: FunctionResponse | undefined;
  /** Whether the server has not told its result yet since the connection was made anew. */
  #isStale = false;

  constructor(id: number, name: string, argsJson: string) {
    this.id = id;
    this.#name = name;
    this.#argsJson = argsJson;
  }

  /** Whether anybody follows it. */
  get isFollowed(): boolean {
    return this.#observers.size > 0;
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
      if (this.#latest === latest && this.#observers.has(observer)) {
        tellObserver(observer, latest);
      }
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

  /** Takes a result in; what is to be called then tells the observers. */
  update(modification: Modification): (() => void) | undefined {
    if (modification.type === "QueryRemoved") return undefined;
    const { logLines } = modification;
    if (modification.journal !== undefined) {
      this.#journal = modification.journal;
    }
    const latest: FunctionResponse = modification.type === "QueryUpdated"
      ? { status: "success", value: modification.value, logLines }
      : { ...modification, status: "error" };
    const isKnown = this.#isStale &&
      JSON.stringify(latest) === JSON.stringify(this.#latest);
    this.#isStale = false;
    this.#latest = latest;
    if (isKnown) return undefined;
    return () => {
      for (const observer of [...this.#observers]) {
        if (this.#observers.has(observer)) tellObserver(observer, latest);
      }
    };
  }

  /** Tells every observer that nothing more comes of it. */
  fail(error: Error): void {
    for (const observer of [...this.#observers]) observer.onError(error);
  }
}

function tellObserver(
  observer: QueryObserver,
  response: FunctionResponse,
): void {
  let value: unknown;
  try {
    value = unwrapResponse(response);
  } catch (error) {
    return observer.onError(error as Error);
  }
  observer.onValue(value, response.logLines);
}
