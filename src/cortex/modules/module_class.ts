/** Makes the modules of `Cortex` work alone. */
import { validateAuthContext } from "../auth/context.ts";
import type { ApiContext, ApiContextOptions } from "../calls/api_context.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import type { AuthContext } from "../types/config.ts";

/** A module's class over a client. `Extra` is the type of its last argument. */
export type ModuleClass<Module, Extra = AuthContext> = new (
  client: ContextSource,
  graphAdapter?: object | null,
  resilience?: object | null,
  extra?: Extra | null,
) => Module;

/**
 * Makes the context of a stand-alone module. Throws `AuthValidationError`, or `INVALID_ARGUMENT` if the value is not a
 * client.
 */
export function contextAlone(
  client: ContextSource,
  options: Pick<ApiContextOptions, "graph" | "resilience" | "auth" | "llm">,
): ApiContext {
  if (options.auth != null) validateAuthContext(options.auth);
  return contextOf(client, options);
}

/** The class whose instances make their calls through a client. */
export function moduleClass<Module extends object>(
  Module: new (context: ApiContext) => Module,
): ModuleClass<Module> {
  const Alone = function (
    client: ContextSource,
    graph?: object | null,
    resilience?: object | null,
    auth?: AuthContext | null,
  ) {
    // `new.target` keeps the methods of a class that extends this one.
    return Reflect.construct(
      Module,
      [contextAlone(client, { graph, resilience, auth })],
      new.target,
    );
  };
  Alone.prototype = Module.prototype;
  return Alone as never;
}
