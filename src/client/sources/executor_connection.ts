import { isCortexError } from "../../errors.ts";
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
  readonly #start: () => Executor;
  readonly #isStateful: boolean;
  #executor: Executor;
  /** Whether the executor's handler is known to be built. */
  #isBuilt = false;
  /** Counters of executors that were forgotten. */
  #before: ConnectionStats = { calls: 0, requests: 0 };

  /** `start` makes an executor, which starts nothing yet. */
  constructor(start: () => Executor, isStateful: boolean) {
    this.#start = start;
    this.#isStateful = isStateful;
    this.#executor = start();
  }

  async call(
    call: Call,
    { signal, priority }: ConnectionCallOptions,
  ): Promise<unknown> {
    argsSize(call);
    const executor = this.#executor;
    try {
      const value = await executor.run(call, { signal, priority });
      this.#isBuilt = true;
      return value;
    } catch (error) {
      if (!signal?.aborted) await this.#forgetUnlessBuilt(executor, error);
      throw error;
    }
  }

  stats(): ConnectionStats {
    const { submitted, messages } = this.#executor.stats();
    return {
      calls: this.#before.calls + submitted,
      requests: this.#before.requests + messages,
    };
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  /**
   * Forgets a stateful executor whose handler could not be built, as it would not try again; one that was lost stays so.
   */
  async #forgetUnlessBuilt(executor: Executor, error: unknown): Promise<void> {
    const isLost = isCortexError(error) && error.code === "WORKER_LOST";
    if (!this.#isStateful || this.#isBuilt || isLost) return;
    try {
      await executor.warm();
      this.#isBuilt = true;
    } catch {
      if (this.#executor !== executor) return;
      this.#before = this.stats();
      this.#executor = this.#start();
      executor.close({ force: true }).catch(() => {});
    }
  }
}
