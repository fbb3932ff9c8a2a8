/**
 * The options of a `Cortex`. Apart from the types of their parts, because they name the client that a `Cortex` makes.
 */
import type {
  ConvexClientLike,
  ExecutorKind,
  ObjectStorageLike,
} from "../../client/types.ts";
import type { CortexClient } from "../open_client.ts";
import type { AuthContext, Embedder, LLMConfig, Logger } from "./config.ts";
import type { GraphConfig, ResilienceConfig } from "./resilience.ts";

/**
 * Options of `new Cortex()`, with at most one of `path`, `storage`, `convexUrl` and `client`. With none of them, data
 * is kept in memory until the process ends. `Client` is the type of your own `client`, here and in the `Cortex` made
 * with it.
 */
export interface CortexConfig<
  Client extends ConvexClientLike = CortexClient,
> {
  /**
   * SQLite file for the embedded engine, created if absent. On hosts without SQLite, calls reject with
   * `STORE_UNAVAILABLE`. Where the disk goes away with the instance, as on Deno Deploy, the data does too: use
   * `convexUrl` there. Only one `Cortex` can open a file; others, such as one with another tenant's `auth`, share it by
   * `{ client: first.getClient() }`. Copy it only while it is closed; `exportAll` makes a backup at any time.
   */
  path?: string | undefined;
  /**
   * What a write to the file at `path` waits for. `"full"` (default): the disk, so it survives a power failure.
   * `"normal"`: the operating system, so it survives the end of the process. `"off"`: as `"normal"`, but a power
   * failure may damage the file.
   */
  durability?: "full" | "normal" | "off" | undefined;
  /**
   * `ctx.storage` of the Durable Object this runs in. The embedded engine keeps everything in its database. Await
   * `close()` before `ctx.storage.deleteAll()`, and open a new `Cortex` after it. Otherwise calls reject with
   * `STORE_EMPTIED`, and data read recently may still be returned from memory.
   */
  storage?: ObjectStorageLike | undefined;
  /** Absolute http(s) URL of a Convex deployment with Cortex's functions. */
  convexUrl?: string | undefined;
  /** Any client with `query`, `mutation` and `action`. It remains yours: `close()` leaves it open. */
  client?: Client | undefined;
  /**
   * Secret of a deployment whose access mode is `key`; needs `convexUrl` or `client`. Sent with each call, never
   * logged.
   */
  accessKey?: string | undefined;
  /** Where warnings go. Default: the console. */
  logger?: Logger | undefined;
  /**
   * Makes the vectors for `recall`, for `remember` with `autoEmbed: true`, for hybrid searches, and for facts that are
   * revised or looked up among the known ones.
   */
  embedder?: Embedder | undefined;
  /** Who is calling; read when the instance is made. Default: no user and no tenant. */
  auth?: AuthContext | undefined;
  /** Accepted so that programs which set it still run. Has no effect yet, and logs a warning. */
  graph?: GraphConfig | undefined;
  /** A language model. Its `extractFacts` is used by every `remember` without one. The rest has no effect yet. */
  llm?: LLMConfig | undefined;
  /** Accepted like `graph`, without effect: the client has its own retries and limits. */
  resilience?: ResilienceConfig | undefined;
  /**
   * Where the embedded engine may run, in order of preference. Default: a worker where the host has one, else this
   * thread. A worker takes 20 to 35 MB; a process that opens many files saves them by `["inline"]`. Cannot be combined
   * with `storage`, which keeps the engine on this thread, nor with `convexUrl` or `client`.
   */
  executorKinds?: readonly ExecutorKind[] | undefined;
  /**
   * Module that starts the embedded engine's worker by `startEngineWorker` of `@cortex/memory/worker/engine`, for a
   * Content-Security-Policy that forbids `data:` workers. Cannot be combined with `storage`, `convexUrl` or `client`.
   */
  workerUrl?: string | URL | undefined;
}
