import type { VerifyToken } from "./auth/callers.ts";
import type { OptionTypes } from "./check_options.ts";
import type { DeploymentAdmin } from "./deployment_admin.ts";
import type { SyncLimits } from "./sync/sync_limits.ts";

/** Options of `createConvexServer`. */
export interface ConvexServerOptions {
  /** Verifies user tokens. Without it every token is rejected. */
  verifyToken?: VerifyToken | undefined;
  /** Key of the admin, `name|secret`. Without it there is no admin. */
  adminKey?: string | undefined;
  /** Answers the requests of `npx convex` beyond `run`. Default: they are refused. */
  admin?: DeploymentAdmin | undefined;
  /** Answer of `GET /version`. Default `unknown`, as a self-hosted Convex. */
  version?: string | undefined;
  /** Answer of `GET /instance_name`. Default `convex-self-hosted`. */
  instanceName?: string | undefined;
  /**
   * Whether to hide details from clients, as in production: errors come without their messages, except for the data of
   * a `ConvexError`, and without console output. Default false.
   */
  redactErrors?: boolean | undefined;
  /** Called with each request before it is read, for logs and counters. */
  onRequest?: ((request: Request) => void) | undefined;
  /**
   * Called with failures of the server itself, such as a commit that finds no room, of which clients see only a status
   * 500 or the end of their connection, and of fetching an auth provider's keys. Not called for what functions throw or
   * clients do wrong. Clients can cause many calls, so limit what you log.
   */
  onError?: ((error: unknown) => void) | undefined;
  /** Largest file that is stored, in bytes. Default 100 MiB. Up to eight such files are held in memory at once. */
  maxFileBytes?: number | undefined;
  /** Largest body of a call, in bytes. Default 16 MiB + 2000, as Convex. */
  maxBodyBytes?: number | undefined;
  /**
   * Most bytes of memory, about, for the calls of all clients at once: bodies that are being received or answered, and
   * messages waiting on connections. Further calls get status 503, or end their connection, and may be repeated.
   * Default 512 MiB.
   */
  maxHeldBytes?: number | undefined;
  /**
   * Most bytes of memory, about, for what all clients have not read yet: long answers, and messages on connections.
   * Beyond it, the server hangs up on those that have kept the most for the longest, by bytes times time, but on nobody
   * who is alone. Default 512 MiB. It also hangs up on clients that take nothing for a minute.
   */
  maxUnreadBytes?: number | undefined;
  /** Limits of each connection, beyond Convex's own. */
  limits?: Partial<SyncLimits> | undefined;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** Types of the options, as `typeof` returns them. */
export const SERVER_TYPES: OptionTypes<ConvexServerOptions> = {
  verifyToken: "function",
  adminKey: "string",
  admin: "object",
  version: "string",
  instanceName: "string",
  redactErrors: "boolean",
  onRequest: "function",
  onError: "function",
  maxFileBytes: "number",
  maxBodyBytes: "number",
  maxHeldBytes: "number",
  maxUnreadBytes: "number",
  limits: "object",
  now: "function",
};
