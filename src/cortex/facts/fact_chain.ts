/** Chains of facts that replaced each other: one call as a rule, more for those of over a thousand. */
import { within } from "../calls/deadline.ts";
import type { CallControls } from "../types/common.ts";

/** The ends of the part of a chain that one call has read, where the chain continues beyond them. */
export interface Ends {
  older?: string;
  newer?: string;
}

/** Where a call reads: both ways unless it says in which. */
export interface ChainPlace {
  factId: string;
  toward?: "older" | "newer";
}

/** Reads a whole chain, whichever fact of it is named. */
export function wholeChain<Part extends { factId: string }>(
  factId: string,
  controls: CallControls | undefined,
  read: (
    place: ChainPlace,
    controls: CallControls,
  ) => Promise<Ends & { parts: Part[] }>,
): Promise<Part[]> {
  return within(controls, async (signal) => {
    const each = { signal };
    const first = await read({ factId }, each);
    let parts = first.parts;
    const seen = new Set(parts.map((part) => part.factId));
    // A stretch begins with the part where the one before ended, which it knows better; a circle ends where it closes.
    const isNew = (part: Part) =>
      !seen.has(part.factId) && seen.add(part.factId);
    for (const toward of ["older", "newer"] as const) {
      for (let end = first[toward]; end !== undefined;) {
        const next = await read({ factId: end, toward }, each);
        const fresh = next.parts.filter(isNew);
        parts = toward === "older"
          ? [...fresh, ...parts]
          : [...parts.slice(0, -1), ...next.parts.slice(0, 1), ...fresh];
        end = fresh.length === 0 ? undefined : next[toward];
      }
    }
    return parts;
  });
}
