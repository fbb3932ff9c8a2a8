/** What a `Cortex` is built from. */
import type {
  ConvexClientLike,
  ExecutorKind,
  ObjectStorageLike,
} from "../../client/types.ts";

import type { ExtractFactsFn } from "./facts.ts";

/** Receives Cortex's log messages. The default writes to the console. */
export interface Logger {
  /** Details for debugging. */
  debug(message: string, ...details: unknown[]): void;
  /** Worth knowing. */
  info(message: string, ...details: unknown[]): void;
  /** Something was left out or assumed. */
  warn(message: string, ...details: unknown[]): void;
  /** Something failed, and the call went on without it. */
  error(message: string, ...details: unknown[]): void;
}

/**
 * Turns texts into vectors, in the same order.
 *
 * @param texts One or more texts.
 * @param options The signal of the call that needs them.
 * @returns One vector a text, all of one length: an array of numbers, or a typed array such as `Float32Array`. An empty
 * one stands for none: with that, an embedder that catches its own errors lets a call go on with words alone.
 * @throws Whatever it throws, the call rejects with, and nothing is stored.
 */
export type Embedder = (
  texts: string[],
  options: { signal?: AbortSignal },
) => Promise<ArrayLike<number>[]>;

/** The provider of a language model. */
export type LLMProvider = "openai" | "anthropic" | "custom";

/** A language model. So far, only `extractFacts` has an effect. */
export interface LLMConfig {
  /** Its provider. */
  provider: LLMProvider;
  /** Its API key. */
  apiKey: string;
  /** Its name. */
  model?: string | undefined;
  /** Finds facts in a user's message and an agent's answer. */
  extractFacts?: ExtractFactsFn | undefined;
  /** Longest answer, in tokens. */
  maxTokens?: number | undefined;
  /** Sampling temperature; 0 is the most predictable. */
  temperature?: number | undefined;
}

/** How the caller was authenticated. */
export type AuthMethod = "oauth" | "api_key" | "jwt" | "session" | "custom";

/** Who is calling. `tenantId` scopes every row that is read or written; the rest stays in this process. */
export interface AuthContext {
  /** The person or service, 1 to 256 characters. */
  userId: string;
  /** The tenant, 1 to 256 characters. Wins over a `tenantId` given to a call. */
  tenantId?: string | undefined;
  /** The organization, stamped on rows for governance, 1 to 256 characters. */
  organizationId?: string | undefined;
  /** The session, 1 to 256 characters. Never stored. */
  sessionId?: string | undefined;
  /** Name of the identity provider. */
  authProvider?: string | undefined;
  /** How the caller proved who it is. */
  authMethod?: AuthMethod | undefined;
  /** When the caller was authenticated, in ms since the Unix epoch. */
  authenticatedAt?: number | undefined;
  /** Claims of the caller's token. Never stored. */
  claims?: Record<string, unknown> | undefined;
  /** Further data of your own. Never stored. */
  metadata?: Record<string, unknown> | undefined;
}

/** Input of `createAuthContext`. */
export type AuthContextParams = AuthContext;

/**
 * Options of `new Cortex()`, with at most one of `path`, `storage`, `convexUrl` and `client`. With none of them, data
 * is kept in memory until the process ends.
 */
export interface CortexConfig<
  Client extends ConvexClientLike = ConvexClientLike,
> {
  /**
   * SQLite file for the embedded engine, created if absent. On hosts without SQLite, calls reject with
   * `STORE_UNAVAILABLE`. Where the disk goes away with the instance, as on Deno Deploy, the data does too: use
   * `convexUrl` there. One `Cortex` opens a file; another, such as one of another tenant's `auth`, shares it by
   * `{ client: it.getClient() }`.
   */
  path?: string | undefined;
  /**
   * What a write to that file waits for. `"full"` (default): the disk, so it survives a power failure. `"normal"`: the
   * operating system, so it survives the end of the process. `"off"`: as `"normal"`, but a power failure may damage the
   * file.
   */
  durability?: "full" | "normal" | "off" | undefined;
  /**
   * `ctx.storage` of the Durable Object this runs in. The embedded engine keeps everything in its database. Await
   * `close()` before `ctx.storage.deleteAll()`, and open a new `Cortex` after it; without, calls reject with
   * `STORE_EMPTIED`, and what was read lately may still be answered from memory.
   */
  storage?: ObjectStorageLike | undefined;
  /** Absolute http(s) URL of a Convex deployment with Cortex's functions. */
  convexUrl?: string | undefined;
  /** Any client with `query`, `mutation` and `action`. It remains yours: `close()` leaves it open. */
  client?: Client | undefined;
  /** Secret of a deployment whose access mode is `key`. Sent with each call, never logged. */
  accessKey?: string | undefined;
  /** Where warnings go. Default: the console. */
  logger?: Logger | undefined;
  /** Makes the vectors for `recall`, and for `remember` with `autoEmbed: true`. */
  embedder?: Embedder | undefined;
  /** Who is calling. Default: no user and no tenant. */
  auth?: AuthContext | undefined;
  /** Accepted so that programs which set it still run. Has no effect yet, and logs a warning. */
  graph?: object | undefined;
  /** Its `extractFacts` is used by every `remember` that brings none of its own. The rest has no effect yet. */
  llm?: LLMConfig | undefined;
  /** Accepted like `graph`, without effect. Retries and limits are the client's own. */
  resilience?: object | undefined;
  /**
   * Where the embedded engine may run, in order of preference. Default: a worker where the host has one, else this
   * thread.
   */
  executorKinds?: readonly ExecutorKind[] | undefined;
  /** Module that starts the embedded engine's worker, for a Content-Security-Policy that forbids `data:` workers. */
  workerUrl?: string | URL | undefined;
}

/** Counters of a `Cortex` since its start. */
export interface CortexStats {
  /** Backend function calls made through this instance. */
  calls: number;
  /** Requests or worker messages sent by the client; equals `calls` for a client that does not count them. */
  requests: number;
}
