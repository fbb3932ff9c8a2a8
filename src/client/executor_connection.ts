import type { Executor } from "../executor/types.ts";
import type {
  Call,
  CallOptions,
  Connection,
  ConnectionStats,
} from "./types.ts";

/** A connection whose calls are an executor's tasks. */
export class ExecutorConnection implements Connection {
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  call(call: Call, { signal }: CallOptions): Promise<unknown> {
    return this.#executor.run(call, { signal });
  }

  stats(): ConnectionStats {
    const { submitted, messages } = this.#executor.stats();
    return { calls: submitted, requests: messages };
  }

  close(): Promise<void> {
    return this.#executor.close();
  }
}
