import { type Kernel, KERNEL_BYTES, openKernel } from "./dot_kernel.ts";

const PAGE_BYTES = 1 << 16;
/** Factor by which memory grows when it is full. */
const GROWTH = 1.25;
/** Rows per call of the kernel. */
const BLOCK_ROWS = 4096;
/** Greatest absolute value of a byte. */
const MOST = 127;
/** A generous bound on the rounding error of the exact product itself. */
const ROUNDING = 1e-4;
/** Buckets of the histogram of scores from -1 to 1. */
const BUCKETS = 8192;

/**
 * Unit vectors quantised to one byte per element. At a quarter of the cost of exact products, they rule out vectors
 * that cannot be among the nearest: the error of an approximate product is bounded.
 */
export class VectorBytes {
  readonly #stride: number;
  readonly #kernel: Kernel;
  readonly #list: number;
  readonly #out: number;
  readonly #start: number;
  /** Per row: the value of a byte of 1, and the length of the quantisation error. */
  #scales: Float64Array = new Float64Array(1024);
  #errors: Float64Array = new Float64Array(1024);

  private constructor(dimensions: number, kernel: Kernel) {
    this.#stride = KERNEL_BYTES * Math.ceil(dimensions / KERNEL_BYTES);
    this.#kernel = kernel;
    this.#list = this.#stride;
    this.#out = this.#list + 4 * BLOCK_ROWS;
    this.#start = this.#out + 4 * BLOCK_ROWS;
  }

  /** Begins empty; undefined where the host has no WebAssembly. */
  static open(dimensions: number): VectorBytes | undefined {
    const kernel = openKernel();
    return kernel && new VectorBytes(dimensions, kernel);
  }

  /** Stores a vector as a row. False when there is no room for it. */
  put(row: number, vector: Float32Array): boolean {
    const address = this.#start + row * this.#stride;
    if (!this.#reach(address + this.#stride)) return false;
    if (row >= this.#scales.length) {
      this.#scales = longer(this.#scales, row);
      this.#errors = longer(this.#errors, row);
    }
    const { scale, error } = this.#write(address, vector);
    this.#scales[row] = scale;
    this.#errors[row] = error;
    return true;
  }

  /** Those of the rows that may be among the `wanted` nearest to a unit vector, in their order. */
  nearest(
    query: Float32Array,
    rows: Uint32Array,
    wanted: number,
  ): Uint32Array {
    const { scale, error, length } = this.#write(0, query);
    const products = this.#products(rows);
    const rough = new Float64Array(rows.length);
    const slack = new Float64Array(rows.length);
    const counts = new Uint32Array(BUCKETS + 1);
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      const product = products[at]! * scale * this.#scales[row]!;
      // q·v - q'·v' = (q - q')·v + q'·(v - v'), and v is no longer than 1.
      const most = error + length * this.#errors[row]! + ROUNDING;
      rough[at] = product;
      slack[at] = most;
      counts[bucketOf(product - most)]!++;
    }
    let bucket = BUCKETS;
    for (let above = 0; bucket > 0; bucket--) {
      above += counts[bucket]!;
      if (above >= wanted) break;
    }
    const near = new Uint32Array(rows.length);
    let size = 0;
    for (let at = 0; at < rows.length; at++) {
      if (bucketOf(rough[at]! + slack[at]!) >= bucket) near[size++] = rows[at]!;
    }
    return near.subarray(0, size);
  }

  #products(rows: Uint32Array): Int32Array {
    const { memory: { buffer }, byteDots } = this.#kernel;
    const all = new Int32Array(rows.length);
    for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows.length - from);
      const list = new Uint32Array(buffer, this.#list, count);
      for (let at = 0; at < count; at++) {
        list[at] = this.#start + rows[from + at]! * this.#stride;
      }
      byteDots(this.#list, count, this.#stride, 0, this.#out);
      all.set(new Int32Array(buffer, this.#out, count), from);
    }
    return all;
  }

  /** Quantises a vector; returns the scale, the length of the result, and that of the error. */
  #write(
    address: number,
    vector: Float32Array,
  ): { scale: number; error: number; length: number } {
    let most = 0;
    for (let at = 0; at < vector.length; at++) {
      const size = Math.abs(vector[at]!);
      if (size > most) most = size;
    }
    const scale = most / MOST || 1;
    const perScale = 1 / scale;
    const { buffer } = this.#kernel.memory;
    const bytes = new Int8Array(buffer, address, vector.length);
    let error = 0;
    let length = 0;
    for (let at = 0; at < vector.length; at++) {
      const exact = vector[at]!;
      // Rounding may be slightly off: the error is measured anyway.
      const byte = (exact * perScale + (MOST + 1.5) | 0) - (MOST + 1);
      bytes[at] = byte;
      const rest = exact - byte * scale;
      error += rest * rest;
      length += byte * scale * byte * scale;
    }
    return { scale, error: Math.sqrt(error), length: Math.sqrt(length) };
  }

  #reach(size: number): boolean {
    const { memory } = this.#kernel;
    const { byteLength } = memory.buffer;
    if (size <= byteLength) return true;
    try {
      const wanted = Math.max(size, byteLength * GROWTH) - byteLength;
      memory.grow(Math.ceil(wanted / PAGE_BYTES));
      return true;
    } catch {
      return false;
    }
  }
}

function bucketOf(score: number): number {
  return Math.max(0, Math.min(BUCKETS, (score + 1) * (BUCKETS / 2))) | 0;
}

function longer(numbers: Float64Array, row: number): Float64Array {
  const out = new Float64Array(Math.ceil((row + 1) * 1.5));
  out.set(numbers);
  return out;
}
