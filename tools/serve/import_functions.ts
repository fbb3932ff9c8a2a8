import type { Exports } from "./check_functions.ts";

/** Imports a module with functions. */
export async function importFunctions(path: string): Promise<Exports> {
  const host = globalThis as { Convex?: object };
  try {
    // Some libraries throw while they are loaded unless they are on a backend.
    host.Convex = {};
    return await import(new URL(`file://${path}`).href);
  } finally {
    delete host.Convex;
  }
}
