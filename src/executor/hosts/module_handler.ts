import { ExecutorError } from "../../errors.ts";
import { nearUrl } from "./source.ts";
import type { CreateHandler, HandlerHost, TaskHandler } from "../types.ts";

/** What a worker is told that finds its handler in a module. */
export interface ModuleInit {
  /** Absolute URL of the module. */
  module: string;
  /** Handed to the module's `createHandler`. */
  init: unknown;
}

/**
 * Imports the module and gives its handler: what its `createHandler` makes, or its default export.
 *
 * @throws {ExecutorError} `HANDLER_FAILED` when the module cannot be loaded or exports neither.
 */
export async function createModuleHandler(init: unknown): Promise<HandlerHost> {
  const { module: url, init: inner } = init as ModuleInit;
  let module: { createHandler?: CreateHandler; default?: TaskHandler };
  try {
    // Known only here: a bundler has nothing to look for.
    const near = nearUrl(url);
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ near);
  } catch (cause) {
    const reason = (cause as Error)?.message ?? String(cause);
    throw failed(url, `cannot be loaded: ${reason}`, cause);
  }
  const { createHandler, default: handle } = module;
  if (typeof createHandler === "function") return await createHandler(inner);
  if (typeof handle === "function") return { handle };
  throw failed(url, "exports neither a default function nor createHandler");
}

function failed(url: string, what: string, cause?: unknown): ExecutorError {
  const shown = url.length > 80 ? `${url.slice(0, 80)}…` : url;
  return new ExecutorError(
    "HANDLER_FAILED",
    `the handler's module ${shown} ${what}`,
    { cause },
  );
}
