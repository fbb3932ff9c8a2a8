import { IntervalTree } from "./interval_tree.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import type { ReadSet } from "../transaction/read_set.ts";

/** Finds who has read a key: the read sets of many owners, by table and index. */
export class ReadIndex<T> {
  readonly #owners: Map<T, ReadSet> = new Map();
  readonly #keys: Map<string, Set<T>> = new Map();
  /** Intervals by the prefix of their keys: no interval spans two tables or indexes. */
  readonly #intervals: Map<string, IntervalTree<T>> = new Map();

  /** Sets or replaces an owner's read set. */
  set(owner: T, reads: ReadSet): void {
    this.delete(owner);
    this.#owners.set(owner, reads);
    for (const key of reads.keys) {
      const owners = this.#keys.get(key);
      if (owners) owners.add(owner);
      else this.#keys.set(key, new Set([owner]));
    }
    for (const { start, end } of reads.intervals) {
      const prefix = start.slice(0, ROW_PREFIX_LENGTH);
      let tree = this.#intervals.get(prefix);
      if (!tree) this.#intervals.set(prefix, tree = new IntervalTree());
      tree.add(start, end, owner);
    }
  }

  /** Forgets an owner. */
  delete(owner: T): void {
    const reads = this.#owners.get(owner);
    if (!reads) return;
    this.#owners.delete(owner);
    for (const key of reads.keys) {
      const owners = this.#keys.get(key);
      owners?.delete(owner);
      if (owners?.size === 0) this.#keys.delete(key);
    }
    for (const { start, end } of reads.intervals) {
      const prefix = start.slice(0, ROW_PREFIX_LENGTH);
      const tree = this.#intervals.get(prefix);
      tree?.remove(start, end, owner);
      if (tree?.isEmpty()) this.#intervals.delete(prefix);
    }
  }

  /** True when nobody has read anything. */
  isEmpty(): boolean {
    return this.#owners.size === 0;
  }

  /** Calls `visit` with each owner that has read the key, possibly more than once. */
  readersOf(key: string, visit: (owner: T) => void): void {
    this.#keys.get(key)?.forEach(visit);
    this.#intervals.get(key.slice(0, ROW_PREFIX_LENGTH))?.stab(key, visit);
  }
}
