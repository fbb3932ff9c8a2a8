/** Modules that also work alone: over a client, without a `Cortex`. */
import { ClientError, consoleLogger, got } from "../../at_once.ts";
import type { ConvexClientLike } from "../../client/types.ts";
import { ApiContext, type ApiContextOptions } from "./api_context.ts";
import { pick } from "./pick.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/**
 * The context of a `Cortex`, or a client. A client without `action`, such as a test double, works for everything except
 * searches by embedding.
 */
export type ContextSource =
  | ApiContext
  | ConvexClientLike
  | Pick<ConvexClientLike, "query" | "mutation">;

/**
 * Returns a context as it is, and makes one for a client; without `auth` it has no tenant. Throws `INVALID_ARGUMENT`
 * for anything else, such as a `Cortex`.
 */
export function contextOf(
  source: ContextSource,
  options: Omit<ApiContextOptions, "client" | "logger"> = {},
): ApiContext {
  if (source instanceof ApiContext) return source;
  const client = source as ConvexClientLike | null | undefined;
  if (
    typeof client?.query === "function" && typeof client.mutation === "function"
  ) {
    const { auth } = options;
    return new ApiContext({
      ...options,
      // A copy: a later change of the caller's object must not give the module's calls another tenant.
      auth: auth && pick(auth, "tenantId", "organizationId"),
      client,
      logger: consoleLogger,
    });
  }
  throw new ClientError(
    INVALID_ARGUMENT,
    `client must have query and mutation: ${got(source)}`,
  );
}
