/** The options of `openEngine`, and of an engine's calls. */
import type {
  EngineCallOptions,
  EngineComponent,
  EngineLimits,
  FunctionModules,
  SchemaLike,
  ServiceAccess,
  UserIdentity,
} from "../engine/engine.ts";
import type { SyncStore } from "../store/types.ts";
import type { Clock } from "./host_clock.ts";

/** Returns the user that a token identifies. Rejects if the token is not valid. */
export type Authenticate = (
  token: string,
) => Promise<{ identity: UserIdentity } | UserIdentity>;

/** Options of `openEngine`. */
export interface EmbeddedOptions {
  /** The default export of `schema.ts`. Without it every table and document is allowed, and there are no indexes. */
  schema?: SchemaLike | undefined;
  /** The functions, as `import.meta.glob("./**\/*.*s")` returns them: modules, or loaders of them, by path. */
  modules: FunctionModules;
  /** Components by path: `workpool` for a child of the app, `workflow/workpool` for a child of that. */
  components?: { [path: string]: EngineComponent } | undefined;
  /** Path prefix of the app's own HTTP actions, such as `/api`. Default: every path that belongs to no component. */
  httpPrefix?: string | undefined;
  /** Where the data lives: the path of a SQLite file, or a store, which the engine then owns. Default: in memory. */
  store?: string | SyncStore | undefined;
  /** Time and timers, for scheduled functions and cron jobs. Default: the host's. */
  clock?: Clock | undefined;
  /** Fills an array with random bytes. Default `crypto.getRandomValues`. */
  random?: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Limits that differ from Convex's. */
  limits?: Partial<EngineLimits> | undefined;
  /**
   * Returns the user that a `token` identifies. Default: tokens are rejected. `jwtVerifier` of `./server` creates one.
   */
  auth?: Authenticate | undefined;
  /** Whether to run the cron jobs that `crons.ts` exports. Default true. */
  crons?: boolean | undefined;
  /** Base URL at which `/api/storage` is served, for the URLs of files. Default `http://127.0.0.1:3210`. */
  url?: string | undefined;
  /**
   * What `getServiceUrl` and `getServiceToken` of `convex/server` return to actions, by service of Convex's cloud, such
   * as `ai-gateway`. Default: both refuse.
   */
  services?: { [name: string]: ServiceAccess } | undefined;
  /** Receives messages for operators. Default: none are reported. */
  log?:
    | ((level: "debug" | "info" | "warn" | "error", message: string) => void)
    | undefined;
}

/** Options of one call: who is calling, by identity or by token, and how to cancel it. */
export interface EmbeddedCallOptions extends EngineCallOptions {
  /** Passed to `auth`, which returns the identity. Without `auth`, the call rejects with `UNAUTHENTICATED`. */
  token?: string | undefined;
}
