import type { Executor } from "../../executor/types.ts";
import { argsSize } from "../../at_once.ts";
import { noAuth } from "./no_auth.ts";
import type {
  Call,
  Connection,
  ConnectionCallOptions,
  ConnectionStats,
} from "../types.ts";

/** A connection whose calls are an executor's tasks. */
export class ExecutorConnection implements Connection {
  readonly setAuth: Connection["setAuth"] = noAuth(
    "let createClient of the module give the token to its client",
  );
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  call(
    call: Call,
    { signal, priority }: ConnectionCallOptions,
  ): Promise<unknown> {
    argsSize(call);
    return this.#executor.run(call, { signal, priority });
  }

  stats(): ConnectionStats {
    const { submitted, messages } = this.#executor.stats();
    return { calls: submitted, requests: messages };
  }

  close(): Promise<void> {
    return this.#executor.close();
  }
}
