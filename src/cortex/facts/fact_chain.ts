/** Chains of facts that superseded one another: usually one call, more for chains of over a thousand. */
import { within } from "../calls/deadline.ts";
import type { CallControls } from "../types/common.ts";

/** The ends of the part that one call has read, each only if the chain continues beyond it. */
export interface Ends {
  older?: string;
  newer?: string;
}

/** The fact from which a call reads, and the direction; both directions if none is given. */
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
    // A stretch begins with the last fact of the one before, and knows more about it. Skipping known facts also ends a
    // cycle.
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
