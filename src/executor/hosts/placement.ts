import type { Connect } from "./connection.ts";
import { ExecutorError } from "../../errors.ts";
import { invalidOption } from "../check.ts";
import { connectInline } from "./inline_host.ts";
import { startsEarly } from "./late_script.ts";
import type { Code, LoadedSource } from "./handler_source.ts";
import type { ExecutorKind, ExecutorOptions } from "../types.ts";
import { connectWebWorker } from "./web_worker_host.ts";
import { connectWorkerThread } from "./worker_threads_host.ts";

/** The handler, and the kinds of workers to try. */
interface Settings
  extends Omit<Code, "init">, Pick<ExecutorOptions, "name" | "resourceLimits"> {
  /** Kinds to try, in order. */
  kinds: readonly ExecutorKind[];
  /** True when the caller chose to run inline. */
  onlyInline: boolean;
}

/** Tries kinds of workers in order, and records why some would not start. */
export class Placement {
  readonly #settings: Settings;
  #source: Promise<LoadedSource> | undefined;
  #refusal: Error | undefined;

  /** Starts nothing. */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** The kinds to try, in order. */
  get kinds(): readonly ExecutorKind[] {
    const { worker, kinds, onlyInline } = this.#settings;
    if (worker && !onlyInline && kinds.every((kind) => kind === "inline")) {
      this.refused(
        new ExecutorError("WORKER_REFUSED", "this host has no workers"),
      );
    }
    return kinds;
  }

  /** Why a preferred kind was refused, if one was. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** Records why a kind would not start; only the first reason is kept. */
  refused(error: Error): void {
    this.#refusal ??= error;
  }

  /**
   * Returns how to start a kind, or why it cannot be started. Rejects when an inline handler cannot be loaded, because no
   * other kind follows.
   */
  async connect(kind: ExecutorKind): Promise<Connect | Error> {
    if (kind === "inline") return await this.connectHere();
    try {
      const given = await this.#workerSource();
      const source = "script" in given && !startsEarly(kind)
        ? { code: await given.script }
        : given;
      return kind === "web-worker"
        ? connectWebWorker(source, this.#settings)
        : connectWorkerThread(source, this.#settings);
    } catch (cause) {
      const reason = (cause as Error)?.message;
      const message = `the worker's code cannot be loaded: ${reason}`;
      return new ExecutorError("WORKER_REFUSED", message, { cause });
    }
  }

  /** Starts the handler on this thread. */
  async connectHere(): Promise<Connect> {
    const create = await this.#settings.inline!();
    if (typeof create === "function") return connectInline(create);
    const rule = "must return a function that builds the handler";
    throw invalidOption("inline", rule, create);
  }

  /** The error when no kind would start. */
  failure(): Error {
    return new ExecutorError(
      "WORKER_REFUSED",
      `no worker could be started and there is no inline handler: ${
        this.#refusal?.message ?? "this host has none of the kinds asked for"
      }`,
      { cause: this.#refusal },
    );
  }

  /** Ends the worker that the caller has started, if there is one, because none is needed. */
  async discard(connect: Connect | Error): Promise<void> {
    const source = await this.#source;
    if (typeof connect !== "function" || !source?.isStarted?.()) return;
    await connect({ message() {}, broken() {}, isGivenUp: () => true }).end();
  }

  #workerSource(): Promise<LoadedSource> {
    if (!this.#source) {
      const { worker } = this.#settings;
      this.#source = (async () =>
        await (typeof worker === "function" ? worker() : worker!))();
      // A source that failed is loaded again by the next attempt.
      this.#source.then((source) =>
        "script" in source && source.script
      )
        .catch(() => this.#source = undefined);
    }
    return this.#source;
  }
}
