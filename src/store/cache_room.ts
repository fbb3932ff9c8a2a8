/** Characters that cached documents may take on a host that does not report how much memory it has. */
const LEAST_CHARACTERS = 8 << 20;
const MOST_CHARACTERS = 256 << 20;
/** And on Bun, which walks its whole heap when asked for its limit, and has none. */
const BUN_CHARACTERS = 32 << 20;
/** Part of the heap: a character is a byte or two, and what holds it takes as much again. */
const HEAP_SHARE = 1 / 16;

/** How many characters of documents may be kept in memory on this host: 8 to 256 Mi, by what its heap may grow to. */
export function cacheRoom(): number {
  if ("Bun" in globalThis) return BUN_CHARACTERS;
  return Math.min(
    MOST_CHARACTERS,
    Math.max(LEAST_CHARACTERS, Math.floor(heapLimit() * HEAP_SHARE)),
  );
}

/** What the heap may grow to, in bytes; 0 where the host does not report it. */
function heapLimit(): number {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  try {
    const module = process?.getBuiltinModule?.("node:v8") as
      | { getHeapStatistics?: () => { heap_size_limit?: number } }
      | undefined;
    return module?.getHeapStatistics?.().heap_size_limit ?? 0;
  } catch {
    // A host may know the name and refuse the module.
    return 0;
  }
}
