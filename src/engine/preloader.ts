import type { Components } from "./components/components.ts";
import type { SerialQueue } from "./transaction/queue.ts";
import type { SearchCaches } from "./search/search_caches.ts";
import type { Timers } from "./timers.ts";

/** Rows that are read between two transactions, which takes a few milliseconds. */
const TEXT_ROWS = 256;
const VECTOR_ROWS = 128;

/**
 * Decodes the search indexes of a file into memory between transactions, so that the first search need not wait for all
 * of that. After each slice it yields to the event loop, which delivers calls to the engine.
 */
export class Preloader {
  readonly #caches: SearchCaches;
  readonly #components: Components;
  readonly #queue: SerialQueue;
  readonly #timers: Timers;
  #hasStarted = false;
  #isStopped = false;

  /** Does nothing yet. */
  constructor(
    caches: SearchCaches,
    components: Components,
    queue: SerialQueue,
    timers: Timers,
  ) {
    this.#caches = caches;
    this.#components = components;
    this.#queue = queue;
    this.#timers = timers;
  }

  /** Begins; later calls do nothing. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#run().catch(() => {
      // The first search throws the same error.
    });
  }

  /** Ends after the slice under way. */
  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    for (const { database } of this.#components.all()) {
      for (const table of database.catalog.tables()) {
        for (const index of table.searchIndexes.values()) {
          await this.#load(() => this.#caches.loadText(index, TEXT_ROWS));
        }
        for (const index of table.vectorIndexes.values()) {
          await this.#load(() => this.#caches.loadVectors(index, VECTOR_ROWS));
        }
      }
    }
  }

  async #load(slice: () => boolean): Promise<void> {
    let isDone = false;
    while (!isDone && !this.#isStopped) {
      // deno-lint-ignore require-await -- the queue takes what may take time
      isDone = await this.#queue.run(async () => this.#isStopped || slice());
      await new Promise<void>((resolve) => this.#timers.set(0, resolve));
    }
  }
}
