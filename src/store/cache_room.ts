import { hostModule } from "./host_modules.ts";

/** How much a cache may keep. */
export interface Room {
  /** Whether so many characters fit. */
  holds(characters: number): boolean;
}

/** Least and most characters of a cache; the least also where the host does not report its heap limit. */
const LEAST_CHARACTERS = 8 << 20;
const MOST_CHARACTERS = 256 << 20;
/** On Bun, which has no heap limit, and walks its whole heap when asked for one. */
const BUN_CHARACTERS = 32 << 20;
/**
 * Characters per byte of the heap limit. A character takes one or two bytes, and the objects around it as much again.
 */
const HEAP_SHARE = 1 / 16;

/** Room for a share of what a cache may keep on this host: 8 to 256 Mi characters, depending on its heap limit. */
export function cacheRoom(share = 1): Room {
  let most: number | undefined;
  return {
    // The limit is asked for once it matters: on Deno, that loads code for 15 ms.
    holds: (wanted) =>
      wanted <= LEAST_CHARACTERS * share ||
      wanted <= (most ??= charactersOfHost() * share),
  };
}

function charactersOfHost(): number {
  if ("Bun" in globalThis) return BUN_CHARACTERS;
  return Math.min(
    MOST_CHARACTERS,
    Math.max(LEAST_CHARACTERS, Math.floor(heapLimit() * HEAP_SHARE)),
  );
}

/** The heap limit in bytes; 0 where the host does not report it. */
function heapLimit(): number {
  const module = hostModule("node:v8") as
    | { getHeapStatistics?: () => { heap_size_limit?: number } }
    | undefined;
  try {
    return module?.getHeapStatistics?.().heap_size_limit ?? 0;
  } catch {
    // A host may have the function and not implement it.
    return 0;
  }
}
