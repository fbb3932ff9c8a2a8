import type { SyncStore } from "../../store/types.ts";
import type { VectorIndexInfo } from "../schema/catalog.ts";
import { RowLoader } from "./row_loader.ts";
import type { TopMatches } from "./top_matches.ts";
import { VectorBytes } from "./vector_bytes.ts";
import {
  parseVectorRow,
  type VectorRow,
  VectorRowReader,
} from "./vector_row.ts";
import {
  openVectorRows,
  PlainVectorRows,
  type VectorRows,
} from "./vector_rows.ts";

/** Rows from which on a WebAssembly memory pays; a process cannot have very many of them. */
const FAST_ROWS = 128;

/**
 * Quantised vectors are compared first from so many rows on, and so many for each wanted result: for fewer it does not
 * pay.
 */
const QUANTISED_ROWS = 2048;
const QUANTISED_ROWS_PER_WANTED = 16;

/** A vector index in memory: unit vectors in f32, and for each filter value the rows that have it. */
export class VectorIndex {
  readonly #dimensions: number;
  #vectors: VectorRows;
  /** Whether there are so few rows that they are in plain arrays. */
  #isSmall = true;
  /** Id by row; undefined where the row is free. */
  readonly #ids: (string | undefined)[] = [];
  readonly #rows: Map<string, number> = new Map();
  readonly #free: number[] = [];
  /** Cached list of the rows in use. */
  #all: Uint32Array | undefined;
  /** The vectors quantised to bytes, once there are many; undefined where the host has no WebAssembly. */
  #bytes: VectorBytes | undefined;
  #hasTriedBytes = false;
  /** For each filter field, the rows of each encoded value. */
  readonly #groups: Map<string, Set<number>>[];

  readonly #loader: RowLoader;

  /** Begins empty: `load` reads the rows. */
  constructor(store: SyncStore, index: VectorIndexInfo) {
    this.#dimensions = index.dimensions;
    this.#vectors = new PlainVectorRows(index.dimensions);
    this.#groups = index.filterPaths.map(() => new Map());
    let reader: VectorRowReader | undefined;
    this.#loader = new RowLoader(
      store,
      index.prefix,
      {
        row: (id, row) => this.#add(id, row),
        page: (bytes) => (id, from, to) => {
          reader ??= new VectorRowReader(index.dimensions);
          this.#addVector(id, reader.read(id, bytes.subarray(from, to)));
        },
      },
    );
  }

  /** Reads up to `maxRows` more rows of the index. True when none are left. */
  load(maxRows: number): boolean {
    return this.#loader.read(maxRows);
  }

  /** Applies a committed change of a document's row. */
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    if (!this.#loader.hasPassed(id)) return;
    if (before !== undefined) this.#remove(id, before);
    if (after !== undefined) this.#add(id, after);
  }

  /**
   * Offers every document that passes one of the filters (all of them without filters) to `matches`, scored by the
   * cosine of the angle between its vector and `query`. Costs one dot product per candidate.
   */
  search(
    query: readonly number[],
    filters: readonly { field: number; value: string }[] | undefined,
    matches: TopMatches,
  ): void {
    const direction = normalized(new Float32Array(query));
    let rows = this.#candidates(filters);
    const least = Math.max(
      QUANTISED_ROWS,
      QUANTISED_ROWS_PER_WANTED * matches.size,
    );
    if (this.#bytes && rows.length >= least) {
      rows = this.#bytes.nearest(direction, rows, matches.size);
    }
    const products = this.#vectors.products(direction, rows);
    for (let at = 0; at < rows.length; at++) {
      const score = Math.max(-1, Math.min(1, products[at]!));
      // Most scores are too low: this check is cheaper than `offer`.
      if (score < matches.least) continue;
      const id = this.#ids[rows[at]!];
      if (id !== undefined) matches.offer(id, score);
    }
  }

  #candidates(
    filters: readonly { field: number; value: string }[] | undefined,
  ): Uint32Array {
    if (!filters) return this.#all ??= Uint32Array.from(this.#rows.values());
    const groups = filters.map(({ field, value }) =>
      this.#groups[field]!.get(value) ?? new Set<number>()
    );
    if (groups.length === 1) return Uint32Array.from(groups[0]!);
    const union = new Set<number>();
    for (const group of groups) for (const row of group) union.add(row);
    return Uint32Array.from(union);
  }

  #add(id: string, row: string): void {
    this.#addVector(id, parseVectorRow(id, row, this.#dimensions));
  }

  #addVector(id: string, { vector, filters }: VectorRow): void {
    const number = this.#free.pop() ?? this.#ids.length;
    this.#put(number, normalized(vector));
    this.#all = undefined;
    this.#ids[number] = id;
    this.#rows.set(id, number);
    filters.forEach((value, field) => {
      const groups = this.#groups[field]!;
      const group = groups.get(value);
      if (group) group.add(number);
      else groups.set(value, new Set([number]));
    });
  }

  #put(row: number, vector: Float32Array): void {
    if (this.#isSmall && row >= FAST_ROWS) {
      this.#isSmall = false;
      this.#moveTo(openVectorRows(this.#dimensions), row);
    }
    this.#putBytes(row, vector);
    if (this.#vectors.put(row, vector)) return;
    // A WebAssembly memory ends at 4 GiB; beyond that, plain arrays are used.
    this.#moveTo(new PlainVectorRows(this.#dimensions), row);
    this.#vectors.put(row, vector);
  }

  #putBytes(row: number, vector: Float32Array): void {
    if (row < QUANTISED_ROWS && !this.#bytes) return;
    if (!this.#hasTriedBytes) {
      this.#hasTriedBytes = true;
      const bytes = VectorBytes.open(this.#dimensions);
      this.#bytes = bytes;
      for (let at = 0; bytes && at < row; at++) {
        bytes.put(at, this.#vectors.get(at));
      }
    }
    if (this.#bytes?.put(row, vector) === false) this.#bytes = undefined;
  }

  #moveTo(to: VectorRows, rows: number): void {
    for (let at = 0; at < rows; at++) to.put(at, this.#vectors.get(at));
    this.#vectors = to;
  }

  #remove(id: string, row: string): void {
    const number = this.#rows.get(id);
    if (number === undefined) return;
    this.#all = undefined;
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

/** Scales a vector, in place, to length one. Without a direction (zero or not finite) it becomes zero, and scores 0. */
function normalized(vector: Float32Array): Float32Array {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += vector[i]! * vector[i]!;
  const length = Math.sqrt(square);
  if (!(length > 0 && length < Infinity)) return vector.fill(0);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
  return vector;
}
