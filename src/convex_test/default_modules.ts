import { EngineError } from "../errors.ts";
import type { ModuleMap } from "./types.ts";

/** The modules below `/convex` of a Vite project. Vite replaces the call by them when it transforms this module. */
export function defaultModules(): ModuleMap {
  try {
    return (import.meta as unknown as { glob(pattern: string): ModuleMap })
      .glob("/convex/**/*.*s");
  } catch {
    throw new EngineError(
      "INVALID_ARGUMENT",
      'convexTest needs the functions: convexTest(schema, import.meta.glob("./**/*.*s")) in a file of the convex folder, or, in Vitest, server.deps.inline: ["@cortex/memory"]',
    );
  }
}
