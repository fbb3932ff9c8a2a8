/** Modules that also work alone: over a client, without a `Cortex`. */
import {
  ClientError,
  consoleLogger,
  got,
  isSyncConvexClient,
} from "../../at_once.ts";
import type { ConvexClientLike } from "../../client/types.ts";
import { ApiContext, type ApiContextOptions } from "./api_context.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/** The context of a `Cortex`, or a client. */
export type ContextSource = ApiContext | ConvexClientLike;

/**
 * The context itself, or one that makes its calls through the client: without `auth` for no tenant. Throws
 * `INVALID_ARGUMENT` for what is neither, such as a `Cortex`.
 */
export function contextOf(
  source: ContextSource,
  options: Omit<ApiContextOptions, "client" | "logger"> = {},
): ApiContext {
  if (source instanceof ApiContext) return source;
  if (isSyncConvexClient(source)) {
    return new ApiContext({
      ...options,
      client: source,
      logger: consoleLogger,
    });
  }
  throw new ClientError(
    INVALID_ARGUMENT,
    `client must have query, mutation and action: ${got(source)}`,
  );
}
