/** What a `Cortex` is built from. */
import type {
  ConvexClientLike,
  ExecutorKind,
  ObjectStorageLike,
} from "../../client/types.ts";

import type { ExtractFactsFn } from "./facts.ts";

/** Receives what Cortex has to say. The default writes to the console. */
export interface Logger {
  /** Details for whoever looks for a fault. */
  debug(message: string, ...details: unknown[]): void;
  /** Worth knowing. */
  info(message: string, ...details: unknown[]): void;
  /** Something was left out or assumed. */
  warn(message: string, ...details: unknown[]): void;
  /** Something failed and the call went on without it. */
  error(message: string, ...details: unknown[]): void;
}

/**
 * Turns texts into vectors, in the same order.
 *
 * @param texts One or more texts.
 * @param options The signal of the call that needs them.
 * @returns One vector a text, all of one length.
 */
export type Embedder = (
  texts: string[],
  options: { signal?: AbortSignal },
) => Promise<number[][]>;

/** Whose language model is asked. */
export type LLMProvider = "openai" | "anthropic" | "custom";

/** A language model. Only `extractFacts` has an effect yet. */
export interface LLMConfig {
  /** Whose it is. */
  provider: LLMProvider;
  /** Its key. */
  apiKey: string;
  /** Its name. */
  model?: string;
  /** Finds facts in what a user said and what an agent answered. */
  extractFacts?: ExtractFactsFn;
  /** Longest answer, in tokens. */
  maxTokens?: number;
  /** 0 is the most predictable. */
  temperature?: number;
}

/** How a caller proved who it is. */
export type AuthMethod = "oauth" | "api_key" | "jwt" | "session" | "custom";

/** Who calls. `tenantId` scopes every row that is read or written; the rest is context of this process. */
export interface AuthContext {
  /** The person or service, 1 to 256 characters. */
  userId: string;
  /** The tenant, 1 to 256 characters. Wins over a `tenantId` given to a call. */
  tenantId?: string;
  /** The organization, stamped on rows for governance, 1 to 256 characters. */
  organizationId?: string;
  /** The session, 1 to 256 characters. Never stored. */
  sessionId?: string;
  /** Name of the identity provider. */
  authProvider?: string;
  /** How the caller proved who it is. */
  authMethod?: AuthMethod;
  /** When, in ms since the Unix epoch. */
  authenticatedAt?: number;
  /** Claims of the caller's token. Never stored. */
  claims?: Record<string, unknown>;
  /** Anything else. Never stored. */
  metadata?: Record<string, unknown>;
}

/** Input of `createAuthContext`. */
export type AuthContextParams = AuthContext;

/**
 * Options of `new Cortex()`. At most one of `path`, `storage`, `convexUrl` and `client`; none of them keeps everything in
 * memory until the process ends.
 */
export interface CortexConfig<
  Client extends ConvexClientLike = ConvexClientLike,
> {
  /**
   * SQLite file of the embedded engine; made if absent. Hosts without SQLite answer `STORE_UNAVAILABLE`. On hosts whose
   * instances come and go with their disk, such as Deno Deploy, all is gone with the instance: use `convexUrl` there.
   */
  path?: string;
  /**
   * What a write to that file waits for: `"full"` (default) for the disk, so that it survives a loss of power;
   * `"normal"` for the operating system, so that it survives the end of the process; `"off"` as normal, but a loss of
   * power may damage the file.
   */
  durability?: "full" | "normal" | "off";
  /** `ctx.storage` of the Durable Object that this runs in: the embedded engine keeps everything in its database. */
  storage?: ObjectStorageLike;
  /** Address of a Convex deployment with Cortex's functions, as an absolute http(s) URL. */
  convexUrl?: string;
  /** Any client with `query`, `mutation` and `action`. It stays the application's: `close()` leaves it open. */
  client?: Client;
  /** Secret of a deployment whose access mode is `key`; sent with each call, never logged. */
  accessKey?: string;
  /** Where warnings go. Default: the console. */
  logger?: Logger;
  /** Makes vectors for `recall`, and for `remember` with `autoEmbed: true`. */
  embedder?: Embedder;
  /** Who calls. Default: nobody in particular, no tenant. */
  auth?: AuthContext;
  /** Taken so that programs which set it run; it has no effect yet, and a warning says so. */
  graph?: object;
  /** `extractFacts` serves every `remember` that brings none of its own; the rest as `graph`. */
  llm?: LLMConfig;
  /** As `graph`. Retries and limits are the client's own. */
  resilience?: object;
  /** Where the embedded engine may run, best first. Default: a worker where the host has one, else this thread. */
  executorKinds?: readonly ExecutorKind[];
  /** Module that starts the embedded engine's worker, for a Content-Security-Policy that forbids `data:` workers. */
  workerUrl?: string | URL;
}

/** Counters of a `Cortex` since its start. */
export interface CortexStats {
  /** Calls of backend functions made through this instance. */
  calls: number;
  /** Requests or worker messages that the client sent; one a call for a client that does not count them. */
  requests: number;
}
