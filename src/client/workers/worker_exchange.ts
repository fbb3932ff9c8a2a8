import { isCortexError, WorkerLostError } from "../../at_once.ts";
import { availableKinds } from "../../executor/hosts/detect.ts";
import { createExecutor } from "../../executor/executor.ts";
import type { Executor } from "../../executor/types.ts";
import { ordinaryFetch } from "../exchange/ordinary_fetch.ts";
import type { ExchangeTask } from "./exchange_handler.ts";
import type { WorkerReply } from "../exchange/worker_reply.ts";
import type { SocketTask } from "./hold_socket.ts";

/** Codes for a worker that does not start, and for a module that is not such a worker. */
const REFUSALS: readonly string[] = ["WORKER_REFUSED", "HANDLER_FAILED"];

/** Time without work after which the worker ends, in ms: on Deno it holds the process, as a WebSocket does as long. */
const IDLE_MS = "Deno" in globalThis ? 1000 : 5000;

/** Time in which a socket may be closed before its worker ends, in ms: a server that is near takes two. */
const GOODBYE_MS = 100;

/** Exchanges and decoding in a worker, which starts with the first. */
export class WorkerExchange {
  /** Whether a request of the worker would go as one of this thread does. */
  readonly isOrdinary: () => boolean = ordinaryFetch();
  readonly #executor: Executor;
  #isReady = false;
  #isRefused = false;
  readonly #sockets = new Set<Promise<unknown>>();

  /** `workerUrl` is a module to start the worker from, in place of the text that is at hand. */
  constructor(workerUrl?: string | URL) {
    const kinds = availableKinds().filter((kind) => kind !== "inline");
    this.#isRefused = kinds.length === 0;
    this.#executor = createExecutor({
      worker: async () =>
        workerUrl !== undefined ? { url: workerUrl } : {
          code: (await import("./exchange_worker_from_task_setup.gen.ts"))
            .exchangeWorkerCode,
        },
      kinds: kinds.length === 0 ? undefined : kinds,
      name: "cortex exchange",
      sharedMemory: "off",
      idleTimeoutMs: IDLE_MS,
    });
    this.#executor.on("ready", () => this.#isReady = true);
    for (const end of ["ended", "lost"] as const) {
      this.#executor.on(end, () => this.#isReady = false);
    }
  }

  /** Whether the worker takes tasks now: one that has nothing to do ends after a while. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Resolves when the worker takes tasks; with `false` where the host lets none start. */
  async start(): Promise<boolean> {
    if (this.#isRefused) return false;
    try {
      await this.#executor.warm();
      this.#isReady = true;
    } catch (error) {
      if (!isCortexError(error) || !REFUSALS.includes(error.code)) throw error;
      this.#isRefused = true;
    }
    return !this.#isRefused;
  }

  /** Whether the host lets none start, as far as is known. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Has it hold a WebSocket; settles when that is closed, and rejects when the worker ended. */
  async hold(socket: SocketTask): Promise<void> {
    const closed = this.#executor.run({ socket }, { transfer: [socket.port] });
    this.#sockets.add(closed);
    try {
      await closed;
    } finally {
      this.#sockets.delete(closed);
    }
  }

  /** Has a task done. Rejects as `fetch` does, and with `WORKER_LOST` when the worker ended. */
  async run(task: ExchangeTask, signal: AbortSignal): Promise<WorkerReply> {
    const transfer = task.text === undefined
      ? undefined
      : [task.text.buffer as ArrayBuffer];
    try {
      return await this.#executor.run(task, {
        signal,
        transfer,
      }) as WorkerReply;
    } catch (error) {
      if (!isCortexError(error) || error.code !== "WORKER_LOST") throw error;
      throw new WorkerLostError(
        "WORKER_LOST",
        "The worker that made the request ended before the answer arrived: whether the call ran is unknown",
        { cause: error },
      );
    }
  }

  /** Ends the worker as it stands, once the sockets that were closed have said so to the server. */
  async close(): Promise<void> {
    if (this.#sockets.size > 0) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([late, Promise.allSettled(this.#sockets)]);
      clearTimeout(timer);
    }
    await this.#executor.close({ force: true });
  }
}
