import { ExecutorError } from "../../errors.ts";
import { notCloneable } from "../wire/cloneable.ts";
import { nearUrl } from "./source.ts";
import type { CreateHandler, HandlerHost, TaskHandler } from "../types.ts";

/** Tells a worker to find its handler in a module. A class, so that no caller's `init` can look like it. */
export class ModuleInit {
  /** Absolute URL of the module. */
  readonly module: string;
  /** Passed to the module's `createHandler`. */
  readonly init: unknown;

  /** Holds both. */
  constructor(module: string, init: unknown) {
    this.module = module;
    this.init = init;
  }
}

/** The error for an `init` that cannot be cloned: its path begins with the name of the option. */
export function initNotCloneable(init: unknown, cause: unknown): ExecutorError {
  const given = init instanceof ModuleInit ? init.init : init;
  return notCloneable("init", given, cause);
}

/**
 * Imports the module and returns its handler: the result of its `createHandler`, or its default export.
 *
 * @throws {ExecutorError} `HANDLER_FAILED` when the module cannot be loaded or exports neither.
 */
export async function createModuleHandler(init: unknown): Promise<HandlerHost> {
  const { module: url, init: inner } = init as ModuleInit;
  let module: { createHandler?: CreateHandler; default?: TaskHandler };
  try {
    // The URL is known only at run time, so bundlers must leave this import alone.
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
