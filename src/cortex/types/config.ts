/** Parts of the options of a `Cortex`: models, a logger, and the caller's identity. */
import type { ExtractFactsFn } from "./facts.ts";

/**
 * Receives Cortex's log messages. The default writes to the console.
 *
 * @example
 * ```ts
 * import { Cortex, type Logger } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const warnings: string[] = [];
 * const quiet = () => {};
 * const logger: Logger = {
 *   debug: quiet,
 *   info: quiet,
 *   warn: (message) => warnings.push(message),
 *   error: console.error,
 * };
 * await using cortex = new Cortex({ path: undefined, logger });
 * assertEquals(warnings, ["path is undefined: memories are kept only in this process"]);
 * ```
 */
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
 * @returns One vector per text, all of the same length, as arrays of numbers or typed arrays such as `Float32Array`. An
 * empty one means "no vector": an embedder that catches its own errors can return it, and the call continues with words
 * alone.
 * @throws The call rejects with whatever the embedder throws, and nothing is stored. Only where `remember` asks for the
 * vectors of facts is the error logged instead, and the facts are stored without vectors.
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

/**
 * Who is calling. `tenantId` scopes every row that is read or written, and `organizationId` is stamped on the rows
 * written; the rest stays in this process.
 */
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

/** Counters of a `Cortex` since its start. */
export interface CortexStats {
  /** Backend function calls made through this instance. */
  calls: number;
  /** Requests or worker messages sent by the client; equals `calls` for a client that does not count them. */
  requests: number;
}
