/**
 * Dot products of a vector with many others, sixteen elements at a time: the inner loop of a vector search. It is in
 * WebAssembly, as JavaScript has no SIMD instructions, and small enough to be assembled here by hand.
 *
 * @module
 */

/** A block of memory that the kernel works on. */
export interface KernelMemory {
  /** Its bytes; another buffer after each `grow`. */
  readonly buffer: ArrayBuffer;
  /** Adds this many pages of 64 KiB. Throws when there are no more. */
  grow(pages: number): number;
}

/**
 * Writes the dot product of the query with each of `count` rows to `out`. `list`, `query` and `out` are byte addresses;
 * `list` holds the addresses of the rows. Rows and query are f32, each `stride` bytes long, a multiple of 64.
 */
export type Dots = (
  list: number,
  count: number,
  stride: number,
  query: number,
  out: number,
) => void;

/** The part of `WebAssembly` that is used here. */
interface WebAssemblyLike {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (options: { initial: number }) => KernelMemory;
  Instance: new (
    module: object,
    imports: { env: { memory: KernelMemory } },
  ) => { exports: { dots: Dots; byteDots: Dots } };
}

/** Elements per iteration; rows are padded with zeros to a multiple of it. */
export const KERNEL_ELEMENTS = 16;
/** Elements per iteration for rows of bytes. */
export const KERNEL_BYTES = 32;

/** The functions, and the memory they work on. */
export interface Kernel {
  memory: KernelMemory;
  /** Products of vectors of f32. */
  dots: Dots;
  /** Products of vectors of signed bytes, none of them -128, as 32-bit integers; `stride` is a multiple of 32. */
  byteDots: Dots;
}

/** A kernel with its own memory; undefined where the host forbids compiling it, as workerd does. */
export function openKernel(): Kernel | undefined {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly?: WebAssemblyLike;
  };
  try {
    if (WebAssembly === undefined) return undefined;
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { memory, dots: exports.dots, byteDots: exports.byteDots };
  } catch {
    return undefined;
  }
}

const I32 = 0x7f;
const V128 = 0x7b;
/**
 * Locals: the five parameters, the addresses in the row, of its end and in the query, four vectors of sums, and a
 * vector of the row and of the query.
 */
const [LIST, COUNT, STRIDE, QUERY, OUT, ROW, END, AT] = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
];
const SUMS = [8, 9, 10, 11] as const;
const [OF_ROW, OF_QUERY] = [12, 13] as const;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32 = (value: number) => [0x41, value];
const add = [0x6a];
const subtract = [0x6b];
const load = (offset: number) => [0xfd, 0x00, 0x04, offset];
const multiplyFloats = [0xfd, 0xe6, 0x01];
const addFloats = [0xfd, 0xe4, 0x01];
const multiplyLowBytes = [0xfd, 0x9c, 0x01];
const multiplyHighBytes = [0xfd, 0x9d, 0x01];
const addPairs = [0xfd, 0x7e];
const addIntegers = [0xfd, 0xae, 0x01];
const end = [0x0b];
const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const step = (local: number, by: number[], operation: number[]) => [
  ...get(local),
  ...by,
  ...operation,
  ...set(local),
];

/** The instructions that differ between f32 and bytes. */
interface Elements {
  /** Pushes the number of bytes per iteration. */
  step: number[];
  /** Adds the products of an iteration to the sums. */
  iteration: number[];
  /** Adds two vectors of sums. `add` adds two numbers. */
  addVectors: number[];
  add: number[];
  /** Extracts a number from a vector. */
  lane: number;
  store: number;
}

const floats: Elements = {
  // 64, which takes two bytes in signed LEB128.
  step: [0x41, 0xc0, 0x00],
  iteration: SUMS.flatMap((sum, at) => [
    ...get(sum),
    ...get(ROW!),
    ...load(at * 16),
    ...get(AT!),
    ...load(at * 16),
    ...multiplyFloats,
    ...addFloats,
    ...set(sum),
  ]),
  addVectors: addFloats,
  add: [0x92],
  lane: 0x1f,
  store: 0x38,
};

/** The product of two bytes fits into 16 bits; pairs of products are added up in 32. */
const bytes: Elements = {
  step: i32(32),
  iteration: [0, 1].flatMap((half) => [
    ...get(ROW!),
    ...load(half * 16),
    ...set(OF_ROW),
    ...get(AT!),
    ...load(half * 16),
    ...set(OF_QUERY),
    ...[multiplyLowBytes, multiplyHighBytes].flatMap((multiply, at) => [
      ...get(SUMS[2 * half + at]!),
      ...get(OF_ROW),
      ...get(OF_QUERY),
      ...multiply,
      ...addPairs,
      ...addIntegers,
      ...set(SUMS[2 * half + at]!),
    ]),
  ]),
  addVectors: addIntegers,
  add,
  lane: 0x1b,
  store: 0x36,
};

/** The body of the function for a kind of elements. */
function code(kind: Elements): number[] {
  const lane = (at: number) => [...get(SUMS[0]), 0xfd, kind.lane, at];
  return [
    ...[0x02, 0x40], // block: to leave
    ...[0x03, 0x40], // loop: over the rows
    ...get(COUNT!),
    ...[0x45, 0x0d, 1], // leave when none is left
    ...get(LIST!),
    ...[0x28, 0x02, 0, ...set(ROW!)],
    ...get(ROW!),
    ...get(STRIDE!),
    ...add,
    ...set(END!),
    ...get(QUERY!),
    ...set(AT!),
    ...SUMS.flatMap((sum) => [...zeros, ...set(sum)]),
    ...[0x03, 0x40], // loop: over the elements
    ...kind.iteration,
    ...step(ROW!, kind.step, add),
    ...step(AT!, kind.step, add),
    ...get(ROW!),
    ...get(END!),
    ...[0x49, 0x0d, 0], // again while the row goes on
    ...end,
    ...get(SUMS[0]),
    ...get(SUMS[1]),
    ...kind.addVectors,
    ...get(SUMS[2]),
    ...get(SUMS[3]),
    ...kind.addVectors,
    ...kind.addVectors,
    ...set(SUMS[0]),
    ...get(OUT!),
    ...lane(0),
    ...lane(1),
    ...kind.add,
    ...lane(2),
    ...lane(3),
    ...kind.add,
    ...kind.add,
    ...[kind.store, 0x02, 0],
    ...step(LIST!, i32(4), add),
    ...step(OUT!, i32(4), add),
    ...step(COUNT!, i32(1), subtract),
    ...[0x0c, 0], // next row
    ...end,
    ...end,
    ...end,
  ];
}

/** The module: two functions that share an imported memory. */
function moduleBytes(): Uint8Array {
  const text = (name: string) => [
    name.length,
    ...Array.from(name, (letter) => letter.charCodeAt(0)),
  ];
  const section = (id: number, content: number[]) => [
    id,
    ...length(content),
    ...content,
  ];
  const body = (kind: Elements) => {
    const all = [2, 3, I32, 6, V128, ...code(kind)];
    return [...length(all), ...all];
  };
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 2, 0, 1]),
    ...section(3, [2, 0, 0]),
    ...section(7, [2, ...text("dots"), 0, 0, ...text("byteDots"), 0, 1]),
    ...section(10, [2, ...body(floats), ...body(bytes)]),
  ]);
}

/** A length in LEB128, below 16384. */
function length(bytes: readonly number[]): number[] {
  const { length: size } = bytes;
  return size < 128 ? [size] : [size & 127 | 128, size >> 7];
}
