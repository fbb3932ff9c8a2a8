import {
  MAX_ARGS_BYTES,
  MAX_TRANSACTION_READ_DOCUMENTS,
  MAX_TRANSACTION_READ_RANGES,
  MAX_TRANSACTION_WRITE_DOCUMENTS,
} from "../../values/limits.ts";
import type { CallOptions } from "../types.ts";

/** The part of a call that packing needs. */
export interface Packable {
  /** Size of the arguments, in bytes. */
  readonly bytes: number;
  /** Its order key and its cost. */
  readonly batch: CallOptions["batch"];
  /** Who calls; the same for all calls of a batch. */
  readonly auth?: object;
}

/** What one batch may hold: a quarter of what Convex allows one mutation. */
export const BATCH_LIMITS: {
  /** Arguments, in bytes. */
  bytes: number;
  /** Documents read. */
  reads: number;
  /** Documents written. */
  writes: number;
  /** Index ranges read. */
  ranges: number;
  /** Calls: a mutation may compute for a second, and a call takes a few milliseconds of that. */
  calls: number;
} = {
  bytes: MAX_ARGS_BYTES / 4,
  reads: MAX_TRANSACTION_READ_DOCUMENTS / 4,
  writes: MAX_TRANSACTION_WRITE_DOCUMENTS / 4,
  ranges: MAX_TRANSACTION_READ_RANGES / 4,
  calls: 64,
};

type Cost = typeof BATCH_LIMITS;

const COSTS = Object.keys(BATCH_LIMITS) as (keyof Cost)[];

/**
 * Sorts waiting calls into batches that may be sent at once, and calls that must wait.
 *
 * Calls of one order key are never in two batches, so batches need no order among themselves; of a key that is busy,
 * or whose calls are too many for one batch, the later ones wait. Inside a batch calls keep their order. A call over
 * the limits by itself makes a batch alone.
 */
export function packBatches<Item extends Packable>(
  items: readonly Item[],
  busyKeys: ReadonlySet<unknown>,
): { batches: Item[][]; rest: Item[] } {
  const bins: { indices: number[]; cost: Cost }[] = [];
  const rest: number[] = [];
  for (const [key, indices] of byKey(items)) {
    if (busyKeys.has(key)) {
      rest.push(...indices);
      continue;
    }
    const { taken, cost } = prefixThatFits(items, indices);
    rest.push(...indices.slice(taken.length));
    const { auth } = items[taken[0]!]!;
    const bin = bins.find((bin) =>
      items[bin.indices[0]!]!.auth === auth && fits(sum(bin.cost, cost))
    );
    if (!bin) {
      bins.push({ indices: taken, cost });
    } else {
      bin.indices.push(...taken);
      bin.cost = sum(bin.cost, cost);
    }
  }
  const inOrder = (indices: number[]) =>
    indices.sort((a, b) => a - b).map((index) => items[index]!);
  return {
    batches: bins.map(({ indices }) => inOrder(indices)),
    rest: inOrder(rest),
  };
}

/** Indices of the items of each key, in order; an item without a key is a group of its own. */
function byKey(items: readonly Packable[]): Map<string | number, number[]> {
  const groups = new Map<string | number, number[]>();
  items.forEach(({ batch }, index) => {
    const key = batch?.orderKey ?? index;
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  return groups;
}

function prefixThatFits(
  items: readonly Packable[],
  indices: readonly number[],
): { taken: number[]; cost: Cost } {
  const first = items[indices[0]!]!;
  let cost = costOf(first);
  let count = 1;
  while (count < indices.length) {
    const next = items[indices[count]!]!;
    const more = sum(cost, costOf(next));
    if (!fits(more) || next.auth !== first.auth) break;
    cost = more;
    count++;
  }
  return { taken: indices.slice(0, count), cost };
}

function costOf({ bytes, batch }: Packable): Cost {
  const { reads = 0, writes = 0, ranges = 0 } = batch?.cost ?? {};
  return { bytes, reads, writes, ranges, calls: 1 };
}

function sum(a: Cost, b: Cost): Cost {
  const both = { ...a };
  for (const part of COSTS) both[part] += b[part];
  return both;
}

function fits(cost: Cost): boolean {
  return COSTS.every((part) => cost[part] <= BATCH_LIMITS[part]);
}
