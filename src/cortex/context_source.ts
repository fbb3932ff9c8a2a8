/** Modules that also work alone: over a client, without a `Cortex`. */
import type { ConvexClientLike } from "../client/types.ts";
import { ApiContext } from "./api_context.ts";
import { consoleLogger } from "./logger.ts";

/** The context of a `Cortex`, or a client. */
export type ContextSource = ApiContext | ConvexClientLike;

/** The context itself, or one that makes its calls through the client, without a tenant. */
export function contextOf(source: ContextSource): ApiContext {
  return source instanceof ApiContext
    ? source
    : new ApiContext({ client: source, logger: consoleLogger });
}
