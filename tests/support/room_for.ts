import type { Room } from "../../src/store/cache_room.ts";

/** Room for so many characters. */
export function roomFor(characters: number): Room {
  return { holds: (wanted) => wanted <= characters };
}
