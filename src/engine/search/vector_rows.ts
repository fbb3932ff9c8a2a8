import {
  type Dots,
  KERNEL_ELEMENTS,
  type KernelMemory,
  openKernel,
} from "./dot_kernel.ts";

/** Vectors with the same number of dimensions, by row number. */
export interface VectorRows {
  /** Stores a vector. New rows must come in ascending order. False when there is no room. */
  put(row: number, vector: Float32Array): boolean;
  /** The vector of a row. */
  get(row: number): Float32Array;
  /** Dot product of a vector with each of the rows. */
  products(query: Float32Array, rows: Uint32Array): Float32Array;
}

/** For many vectors: in WebAssembly memory, or in plain arrays where the host forbids that. */
export function openVectorRows(dimensions: number): VectorRows {
  const kernel = openKernel();
  return kernel
    ? new KernelVectorRows(dimensions, kernel.memory, kernel.dots)
    : new PlainVectorRows(dimensions);
}

const PAGE_BYTES = 1 << 16;
/** Factor by which memory grows when it is full. */
const GROWTH = 1.25;
/** Rows per call of the kernel. */
const BLOCK_ROWS = 4096;

/** In WebAssembly memory, which holds the query, the addresses and products of a block, and then the vectors. */
class KernelVectorRows implements VectorRows {
  readonly #dimensions: number;
  readonly #stride: number;
  readonly #memory: KernelMemory;
  readonly #dots: Dots;
  readonly #list: number;
  readonly #out: number;
  readonly #start: number;

  constructor(dimensions: number, memory: KernelMemory, dots: Dots) {
    this.#dimensions = dimensions;
    this.#stride = 4 * KERNEL_ELEMENTS *
      Math.ceil(dimensions / KERNEL_ELEMENTS);
    this.#memory = memory;
    this.#dots = dots;
    this.#list = this.#stride;
    this.#out = this.#list + 4 * BLOCK_ROWS;
    this.#start = this.#out + 4 * BLOCK_ROWS;
  }

  put(row: number, vector: Float32Array): boolean {
    const address = this.#start + row * this.#stride;
    if (!this.#reach(address + this.#stride)) return false;
    new Float32Array(this.#memory.buffer, address, vector.length).set(vector);
    return true;
  }

  get(row: number): Float32Array {
    const address = this.#start + row * this.#stride;
    return new Float32Array(
      this.#memory.buffer.slice(address, address + 4 * this.#dimensions),
    );
  }

  products(query: Float32Array, rows: Uint32Array): Float32Array {
    this.#reach(this.#start);
    const { buffer } = this.#memory;
    const all = new Float32Array(rows.length);
    new Float32Array(buffer, 0, query.length).set(query);
    for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows.length - from);
      const list = new Uint32Array(buffer, this.#list, count);
      for (let at = 0; at < count; at++) {
        list[at] = this.#start + rows[from + at]! * this.#stride;
      }
      this.#dots(this.#list, count, this.#stride, 0, this.#out);
      all.set(new Float32Array(buffer, this.#out, count), from);
    }
    return all;
  }

  #reach(bytes: number): boolean {
    const { byteLength } = this.#memory.buffer;
    if (bytes <= byteLength) return true;
    try {
      const wanted = Math.max(bytes, byteLength * GROWTH) - byteLength;
      this.#memory.grow(Math.ceil(wanted / PAGE_BYTES));
      return true;
    } catch {
      return false;
    }
  }
}

/** Vectors in one block of memory, so that growing never copies what is there. */
const SLAB_ROWS = 1024;

/** In plain arrays. */
export class PlainVectorRows implements VectorRows {
  readonly #dimensions: number;
  readonly #slabs: Float32Array[] = [];

  /** Begins empty. */
  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  /** Stores a vector. Always has room. */
  put(row: number, vector: Float32Array): boolean {
    const slab = Math.floor(row / SLAB_ROWS);
    this.#slabs[slab] ??= new Float32Array(SLAB_ROWS * this.#dimensions);
    this.#slabs[slab].set(vector, (row % SLAB_ROWS) * this.#dimensions);
    return true;
  }

  /** The vector of a row. */
  get(row: number): Float32Array {
    const base = (row % SLAB_ROWS) * this.#dimensions;
    return this.#slabs[Math.floor(row / SLAB_ROWS)]!
      .slice(base, base + this.#dimensions);
  }

  /** Dot product of a vector with each of the rows. */
  products(query: Float32Array, rows: Uint32Array): Float32Array {
    const all = new Float32Array(rows.length);
    for (let at = 0; at < rows.length; at++) {
      all[at] = this.#product(query, rows[at]!);
    }
    return all;
  }

  #product(query: Float32Array, row: number): number {
    const slab = this.#slabs[Math.floor(row / SLAB_ROWS)]!;
    const size = this.#dimensions;
    const base = (row % SLAB_ROWS) * size;
    // Four sums, so that additions need not wait for one another.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let at = 0;
    for (; at + 3 < size; at += 4) {
      a += query[at]! * slab[base + at]!;
      b += query[at + 1]! * slab[base + at + 1]!;
      c += query[at + 2]! * slab[base + at + 2]!;
      d += query[at + 3]! * slab[base + at + 3]!;
    }
    for (; at < size; at++) a += query[at]! * slab[base + at]!;
    return a + b + c + d;
  }
}
