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
  /** Adds so many pages of 64 KiB. Throws when there is no more. */
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
  ) => { exports: { dots: Dots } };
}

/** Elements that one turn of the loop takes; rows are padded with zeros to a multiple of them. */
export const KERNEL_ELEMENTS = 16;

/** A kernel with memory of its own; undefined where the host forbids to compile it, as workerd does. */
export function openKernel(): { memory: KernelMemory; dots: Dots } | undefined {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly?: WebAssemblyLike;
  };
  try {
    if (WebAssembly === undefined) return undefined;
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { memory, dots: exports.dots };
  } catch {
    return undefined;
  }
}

const I32 = 0x7f;
const V128 = 0x7b;
/** Locals: the five parameters, then the row's address, its end, the query's, and four sums of four. */
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

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32 = (value: number) => [0x41, value];
const add = [0x6a];
const subtract = [0x6b];
const load = (offset: number) => [0xfd, 0x00, 0x04, offset];
const multiplyFloats = [0xfd, 0xe6, 0x01];
const addFloats = [0xfd, 0xe4, 0x01];
const lane = (sum: number, at: number) => [...get(sum), 0xfd, 0x1f, at];
const addFloat = [0x92];
const end = [0x0b];
const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const step = (local: number, by: number[], operation: number[]) => [
  ...get(local),
  ...by,
  ...operation,
  ...set(local),
];

/** The function's code. */
function code(): number[] {
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
    ...SUMS.flatMap((sum, at) => [
      ...get(sum),
      ...get(ROW!),
      ...load(at * 16),
      ...get(AT!),
      ...load(at * 16),
      ...multiplyFloats,
      ...addFloats,
      ...set(sum),
    ]),
    // 64, as a number of two bytes.
    ...step(ROW!, [0x41, 0xc0, 0x00], add),
    ...step(AT!, [0x41, 0xc0, 0x00], add),
    ...get(ROW!),
    ...get(END!),
    ...[0x49, 0x0d, 0], // again while the row goes on
    ...end,
    ...get(SUMS[0]),
    ...get(SUMS[1]),
    ...addFloats,
    ...get(SUMS[2]),
    ...get(SUMS[3]),
    ...addFloats,
    ...addFloats,
    ...set(SUMS[0]),
    ...get(OUT!),
    ...lane(SUMS[0], 0),
    ...lane(SUMS[0], 1),
    ...addFloat,
    ...lane(SUMS[0], 2),
    ...lane(SUMS[0], 3),
    ...addFloat,
    ...addFloat,
    ...[0x38, 0x02, 0], // store
    ...step(LIST!, i32(4), add),
    ...step(OUT!, i32(4), add),
    ...step(COUNT!, i32(1), subtract),
    ...[0x0c, 0], // next row
    ...end,
    ...end,
    ...end,
  ];
}

/** The module: one function, one memory from outside. */
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
  const body = [2, 3, I32, 4, V128, ...code()];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("dots"), 0, 0]),
    ...section(10, [1, ...length(body), ...body]),
  ]);
}

/** A length as WebAssembly writes it. */
function length(bytes: readonly number[]): number[] {
  const { length: size } = bytes;
  return size < 128 ? [size] : [size & 127 | 128, size >> 7];
}
