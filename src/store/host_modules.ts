/** Finds modules of the host at run time, so that bundlers and other hosts see no import. */

/** Modules that were imported. The same for all who ask, as the host has only one of each. */
const imported: Map<string, unknown> = new Map();

/**
 * Imports modules for `hostModule`, which without it finds them through `process`: on Deno, whose Node layer that loads
 * first, 20 ms of an engine's start. Does nothing on other hosts.
 */
export async function importHostModules(
  importModule: (name: string) => Promise<unknown>,
  names: readonly string[],
): Promise<void> {
  if (!("Deno" in globalThis)) return;
  await Promise.all(names.map(async (name) => {
    try {
      imported.set(name, await importModule(name));
    } catch {
      // An early Deno lacks it, and those who ask for it say so.
    }
  }));
}

/** A module of the host by its name, such as `node:buffer`; undefined where there is none. */
export function hostModule(name: string): unknown {
  const found = imported.get(name);
  if (found !== undefined) return found;
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  try {
    return process?.getBuiltinModule?.(name);
  } catch {
    // A host may have `getBuiltinModule` and refuse this module.
    return undefined;
  }
}
