import { ExecutorError } from "../errors.ts";
import { connectInline } from "./inline_host.ts";
import type { Settings } from "./options.ts";
import type { Connect } from "./protocol.ts";
import type { ExecutorKind, WorkerSource } from "./types.ts";
import { connectWebWorker } from "./web_worker_host.ts";
import { connectWorkerThread } from "./worker_threads_host.ts";

/** The kinds of worker to try, in order, and why those that were tried would not start. */
export class Placement {
  readonly #settings: Settings;
  #source: Promise<WorkerSource> | undefined;
  #refusal: Error | undefined;

  /** Asks nothing and starts nothing. */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Why a better kind was refused, if it was. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** Remembers why a kind would not start; the first one counts. */
  refused(error: Error): void {
    this.#refusal ??= error;
  }

  /**
   * What can be tried, in order. A kind whose worker code cannot be had is refused; an inline handler that cannot be
   * had is an error, since nothing comes after it.
   */
  async *candidates(): AsyncGenerator<
    { kind: ExecutorKind; connect: Connect }
  > {
    const { worker, kinds } = this.#settings;
    const isWorkerKind = (kind: ExecutorKind) => kind !== "inline";
    if (worker && !this.#settings.onlyInline && !kinds.some(isWorkerKind)) {
      this.refused(
        new ExecutorError("WORKER_REFUSED", "this host has no workers"),
      );
    }
    for (const kind of kinds) {
      if (kind === "inline") {
        yield { kind, connect: await this.connectHere() };
        continue;
      }
      let source: WorkerSource;
      try {
        source = await this.#workerSource();
      } catch (cause) {
        this.refused(
          new ExecutorError(
            "WORKER_REFUSED",
            `the worker's code cannot be had: ${(cause as Error)?.message}`,
            { cause },
          ),
        );
        continue;
      }
      const connect = kind === "web-worker"
        ? connectWebWorker(source, this.#settings)
        : connectWorkerThread(source, this.#settings);
      yield { kind, connect };
    }
  }

  /** Starts the handler on this thread. */
  async connectHere(): Promise<Connect> {
    return connectInline(await this.#settings.inline!());
  }

  /** The error when nothing that was tried would start. */
  failure(): Error {
    return new ExecutorError(
      "WORKER_REFUSED",
      `no worker could be started and there is no inline handler: ${
        this.#refusal?.message ?? "this host has none of the kinds asked for"
      }`,
      { cause: this.#refusal },
    );
  }

  #workerSource(): Promise<WorkerSource> {
    this.#source ??= (async () => {
      const { worker } = this.#settings;
      return await (typeof worker === "function" ? worker() : worker!);
    })();
    // A source that failed is asked again by the next attempt.
    this.#source.catch(() => this.#source = undefined);
    return this.#source;
  }
}
