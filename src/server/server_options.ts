import type { OptionNames } from "../unknown_option.ts";
import type { VerifyToken } from "./callers.ts";
import type { DeploymentAdmin } from "./deployment_admin.ts";
import type { SyncLimits } from "./sync_limits.ts";

/** Options of `createConvexServer`. */
export interface ConvexServerOptions {
  /** Verifies users' tokens. Without it every token is refused. */
  verifyToken?: VerifyToken;
  /** Key of the admin, `name|secret`. Without it nobody is admin. */
  adminKey?: string;
  /** Answers what `npx convex` asks with the admin key beyond `run`. Default: nobody does. */
  admin?: DeploymentAdmin;
  /** Text that `GET /version` answers. Default `unknown`, as a self-hosted Convex. */
  version?: string;
  /** Text that `GET /instance_name` answers. Default `convex-self-hosted`. */
  instanceName?: string;
  /**
   * Whether clients learn that a function failed, and no more, as in production: errors come without their texts, but
   * for the data of a `ConvexError`, and nothing comes of what functions write to the console. Default false.
   */
  redactErrors?: boolean;
  /** Called with each request before it is read, for logs and counters. */
  onRequest?: (request: Request) => void;
  /** Largest file that is stored, in bytes. Default 100 MiB; it is held in memory. */
  maxFileBytes?: number;
  /** Largest body of a call, in bytes. Default 16 MiB + 2000, as Convex. */
  maxBodyBytes?: number;
  /** Bounds that are not Convex's. */
  limits?: Partial<SyncLimits>;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: () => number;
}

/** Their names. */
export const SERVER_NAMES: OptionNames<ConvexServerOptions> = {
  verifyToken: 1,
  adminKey: 1,
  admin: 1,
  version: 1,
  instanceName: 1,
  redactErrors: 1,
  onRequest: 1,
  maxFileBytes: 1,
  maxBodyBytes: 1,
  limits: 1,
  now: 1,
};
