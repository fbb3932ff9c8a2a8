import { isCortexError, WorkerLostError } from "../../at_once.ts";
import { availableKinds } from "../../executor/hosts/detect.ts";
import { createExecutor } from "../../executor/executor.ts";
import type { Executor } from "../../executor/types.ts";
import { ordinaryFetch } from "../exchange/ordinary_fetch.ts";
import type { ExchangeTask } from "./exchange_handler.ts";
import type { WorkerReply } from "../exchange/worker_reply.ts";
import type { SocketTask } from "./hold_socket.ts";

/** Errors after which the worker is not tried again: it does not start, or its module is not such a worker. */
const REFUSALS: readonly string[] = ["WORKER_REFUSED", "HANDLER_FAILED"];

/** The worker ends after this time without work, in ms. Shorter on Deno, where it keeps the process alive. */
const IDLE_MS = "Deno" in globalThis ? 1000 : 5000;

/** Longest wait for closing sockets before the worker is ended, in ms. A nearby server needs about 2 ms. */
const GOODBYE_MS = 100;

/** Makes requests and decodes answers in a worker, which is started by the first task. */
export class WorkerExchange {
  /** Whether the worker's `fetch` behaves as this thread's, which a program may have replaced. */
  readonly isOrdinary: () => boolean = ordinaryFetch();
  readonly #executor: Executor;
  #isReady = false;
  #isRefused = false;
  readonly #sockets = new Set<Promise<unknown>>();

  /** `workerUrl` is a module to start the worker from, instead of the built-in one. */
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

  /** Whether the worker is running and accepts tasks. It ends when it is idle. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Resolves with true when the worker accepts tasks, and with false when it cannot be started. */
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

  /** Whether it is known that the worker cannot be started. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Makes the worker hold a WebSocket. Resolves when the socket is closed; rejects when the worker dies. */
  async hold(socket: SocketTask): Promise<void> {
    const closed = this.#executor.run({ socket }, { transfer: [socket.port] });
    this.#sockets.add(closed);
    try {
      await closed;
    } finally {
      this.#sockets.delete(closed);
    }
  }

  /** Runs a task in the worker. Rejects as `fetch` does, and with `WORKER_LOST` when the worker dies. */
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

  /** Ends the worker, after a short wait for sockets that are being closed. */
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
