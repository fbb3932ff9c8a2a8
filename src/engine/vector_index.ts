import type { SyncStore } from "../store/types.ts";
import { prefixEnd } from "../values/key.ts";
import type { VectorIndexInfo } from "./catalog.ts";
import { ROW_PREFIX_LENGTH } from "./keys.ts";
import type { TopMatches } from "./top_matches.ts";
import { parseVectorRow } from "./vector_row.ts";

/** Vectors in one block of memory, so that growing never copies what is there. */
const SLAB_ROWS = 1024;

/** A vector index in memory: vectors of length one in blocks of f32, and which of them have which filter value. */
export class VectorIndex {
  readonly #dimensions: number;
  readonly #slabs: Float32Array[] = [];
  /** Id by row; undefined: free. */
  readonly #ids: (string | undefined)[] = [];
  readonly #rows: Map<string, number> = new Map();
  readonly #free: number[] = [];
  /** For each filter field, the rows of each encoded value. */
  readonly #groups: Map<string, Set<number>>[];

  /** Reads every row of the index. */
  constructor(store: SyncStore, index: VectorIndexInfo) {
    this.#dimensions = index.dimensions;
    this.#groups = index.filterPaths.map(() => new Map());
    const range = { start: index.prefix, end: prefixEnd(index.prefix) };
    for (const { key, value } of store.scan(range)) {
      this.#add(key.slice(ROW_PREFIX_LENGTH), value);
    }
  }

  /** Follows one committed change of a document's row. */
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    if (before !== undefined) this.#remove(id, before);
    if (after !== undefined) this.#add(id, after);
  }

  /**
   * Offers every document that passes one of the filters (all of them without filters) to `matches`, scored by the
   * cosine of the angle between its vector and `query`. Costs one product a candidate.
   */
  search(
    query: readonly number[],
    filters: readonly { field: number; value: string }[] | undefined,
    matches: TopMatches,
  ): void {
    const direction = new Float32Array(this.#dimensions);
    normalize(new Float32Array(query), direction, 0);
    for (const row of this.#candidates(filters)) {
      const id = this.#ids[row];
      if (id !== undefined) matches.offer(id, this.#score(direction, row));
    }
  }

  #candidates(
    filters: readonly { field: number; value: string }[] | undefined,
  ): Iterable<number> {
    if (!filters) return this.#ids.keys();
    const groups = filters.map(({ field, value }) =>
      this.#groups[field]!.get(value) ?? new Set<number>()
    );
    if (groups.length === 1) return groups[0]!;
    const union = new Set<number>();
    for (const group of groups) for (const row of group) union.add(row);
    return union;
  }

  #score(direction: Float32Array, row: number): number {
    const slab = this.#slabs[Math.floor(row / SLAB_ROWS)]!;
    const size = this.#dimensions;
    const base = (row % SLAB_ROWS) * size;
    // Four sums that do not wait for one another.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let at = 0;
    for (; at + 3 < size; at += 4) {
      a += direction[at]! * slab[base + at]!;
      b += direction[at + 1]! * slab[base + at + 1]!;
      c += direction[at + 2]! * slab[base + at + 2]!;
      d += direction[at + 3]! * slab[base + at + 3]!;
    }
    for (; at < size; at++) a += direction[at]! * slab[base + at]!;
    return Math.fround(Math.max(-1, Math.min(1, a + b + c + d)));
  }

  #add(id: string, row: string): void {
    const { vector, filters } = parseVectorRow(id, row, this.#dimensions);
    const number = this.#free.pop() ?? this.#ids.length;
    const slab = Math.floor(number / SLAB_ROWS);
    this.#slabs[slab] ??= new Float32Array(SLAB_ROWS * this.#dimensions);
    normalize(
      vector,
      this.#slabs[slab],
      (number % SLAB_ROWS) * this.#dimensions,
    );
    this.#ids[number] = id;
    this.#rows.set(id, number);
    filters.forEach((value, field) => {
      const groups = this.#groups[field]!;
      const group = groups.get(value);
      if (group) group.add(number);
      else groups.set(value, new Set([number]));
    });
  }

  #remove(id: string, row: string): void {
    const number = this.#rows.get(id);
    if (number === undefined) return;
    this.#rows.delete(id);
    this.#ids[number] = undefined;
    this.#free.push(number);
    const { filters } = parseVectorRow(id, row, this.#dimensions);
    filters.forEach((value, field) => {
      const group = this.#groups[field]!.get(value);
      group?.delete(number);
      if (group?.size === 0) this.#groups[field]!.delete(value);
    });
  }
}

/** Writes a vector of length one in the same direction; a vector without direction stays zero and scores 0. */
function normalize(vector: Float32Array, into: Float32Array, at: number): void {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += vector[i]! * vector[i]!;
  const length = Math.sqrt(square);
  const isUsable = length > 0 && length < Infinity;
  for (let i = 0; i < vector.length; i++) {
    into[at + i] = isUsable ? vector[i]! / length : 0;
  }
}
