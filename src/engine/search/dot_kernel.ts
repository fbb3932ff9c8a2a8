/**
 * Products of a vector with many others, sixteen elements at a time: the inner loop of a vector search, in WebAssembly,
 * for JavaScript has no such instructions. It is small enough to stand here as what it is made of.
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
 * Writes the product of the query with each of `count` rows. All are addresses in bytes: of a list of addresses of
 * rows, of the query, and of where the products go. Rows and query are f32, `stride` bytes long, a multiple of 64.
 */
export type Dots = (
  list: number,
  count: number,
  stride: number,
  query: number,
  out: number,
) => void;

/** `WebAssembly`, as far as it is used here. */
interface WebAssemblyLike {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (options: { initial: number }) => KernelMemory;
  Instance: new (
    module: object,
    imports: { env: { memory: KernelMemory } },
  ) => { exports: { dots: Dots; byteDots: Dots } };
}

/** Elements that one turn of the loop takes; rows are padded with zeros to a multiple of them. */
export const KERNEL_ELEMENTS = 16;
/** The same for rows of bytes. */
export const KERNEL_BYTES = 32;

/** The operations in a kernel's memory. */
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
/** Locals: the five parameters, the row's address, its end, the query's, four sums of four, and a part of either. */
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

/** What differs between vectors of f32 and of bytes. */
interface Elements {
  /** Bytes that a turn takes, as the module writes the number. */
  step: number[];
  /** Adds the products of a turn to the sums. */
  turn: number[];
  /** Adds two vectors, or two numbers, of sums. */
  addVectors: number[];
  add: number[];
  /** Takes a number out of a vector. */
  lane: number;
  store: number;
}

const floats: Elements = {
  // 64, as a number of two bytes.
  step: [0x41, 0xc0, 0x00],
  turn: SUMS.flatMap((sum, at) => [
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

/** Two products of bytes fit into 16 bits, and pairs of them are added up in 32. */
const bytes: Elements = {
  step: i32(32),
  turn: [0, 1].flatMap((half) => [
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

/** The code of the function for a kind of elements. */
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
    ...kind.turn,
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

/** The module: two functions, one memory from outside. */
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

/** A length as WebAssembly writes it. */
function length(bytes: readonly number[]): number[] {
  const { length: size } = bytes;
  return size < 128 ? [size] : [size & 127 | 128, size >> 7];
}
