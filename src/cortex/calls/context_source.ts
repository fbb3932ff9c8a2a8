/** Modules that also work alone: over a client, without a `Cortex`. */
import type { ConvexClientLike } from "../../client/types.ts";
import { ApiContext, type ApiContextOptions } from "./api_context.ts";
import { consoleLogger } from "../logger.ts";

/** The context of a `Cortex`, or a client. */
export type ContextSource = ApiContext | ConvexClientLike;

/** The context itself, or one that makes its calls through the client: without `auth` for no tenant. */
export function contextOf(
  source: ContextSource,
  options: Omit<ApiContextOptions, "client" | "logger"> = {},
): ApiContext {
  return source instanceof ApiContext
    ? source
    : new ApiContext({ ...options, client: source, logger: consoleLogger });
}
