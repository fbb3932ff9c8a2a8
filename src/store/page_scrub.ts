/**
 * SQLite's `secure_delete` overwrites what is deleted. But when it moves rows from one page to another, it leaves copies
 * in the part of a page that belongs to no row, and those outlive the row. Here that part of each page is overwritten
 * with zeros. It holds nothing by SQLite's file format, so a crash in between harms nothing.
 *
 * @module
 */

/** The few calls of `node:fs` that this takes. */
interface FileSystem {
  openSync(path: string, flags: string): number;
  fstatSync(file: number): { size: number };
  readSync(
    file: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  writeSync(
    file: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  fdatasyncSync(file: number): void;
  closeSync(file: number): void;
}

/** Read at once. */
const BLOCK_BYTES = 1 << 20;
/** The header of the file, before the first page's own. */
const FILE_HEADER_BYTES = 100;
/** Types of the pages that hold rows, with the length of their headers. */
const PAGE_HEADERS: ReadonlyMap<number, number> = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
]);
/** From here on the number of a page of overflow could be taken for the type of one with rows: 256 GiB. */
export const MAX_PAGES: number = 1 << 25;

/** Overwrites what is in the unused parts of a file's pages, some pages at a time. */
export class PageScrub {
  readonly #fs: FileSystem;
  readonly #file: number;
  readonly #pageBytes: number;
  #position = 0;
  #hasWritten = false;

  /**
   * Opens the file. It must be in the hands of this process, with all of its content in itself and none in a log,
   * whenever `next` is called. Throws what the file system throws.
   */
  constructor(path: string, pageBytes: number) {
    const { process } = globalThis as unknown as {
      process: { getBuiltinModule: (name: string) => FileSystem };
    };
    this.#fs = process.getBuiltinModule("node:fs");
    this.#file = this.#fs.openSync(path, "r+");
    this.#pageBytes = pageBytes;
  }

  /** Continues by `maxBytes`. True when it reached the end; the next call begins anew. */
  next(maxBytes: number): boolean {
    const fs = this.#fs;
    const { size } = fs.fstatSync(this.#file);
    const end = Math.min(size, this.#position + maxBytes);
    const block = new Uint8Array(
      Math.min(BLOCK_BYTES, Math.max(this.#pageBytes, end - this.#position)),
    );
    while (this.#position < end) {
      const length = fs.readSync(
        this.#file,
        block,
        0,
        block.length,
        this.#position,
      );
      const pages = Math.floor(length / this.#pageBytes);
      if (pages === 0) break;
      for (let page = 0; page < pages; page++) {
        this.#scrub(block, page * this.#pageBytes);
      }
      this.#position += pages * this.#pageBytes;
    }
    if (this.#position < size && end < size) return false;
    this.#position = 0;
    if (this.#hasWritten) fs.fdatasyncSync(this.#file);
    this.#hasWritten = false;
    return true;
  }

  /** Makes the next call begin anew. */
  restart(): void {
    this.#position = 0;
  }

  /** Lets go of the file. On POSIX systems this also ends every lock that the process has on it. */
  close(): void {
    this.#fs.closeSync(this.#file);
  }

  #scrub(block: Uint8Array, start: number): void {
    const position = this.#position + start;
    const header = position === 0 ? FILE_HEADER_BYTES : 0;
    const headerBytes = PAGE_HEADERS.get(block[start + header]!);
    if (headerBytes === undefined) return;
    const short = (at: number) =>
      block[start + header + at]! << 8 | block[start + header + at + 1]!;
    const from = header + headerBytes + 2 * short(3);
    const to = short(5) || 1 << 16;
    if (from >= to || to > this.#pageBytes) return;
    const unused = block.subarray(start + from, start + to);
    if (unused.every((byte) => byte === 0)) return;
    unused.fill(0);
    this.#fs.writeSync(this.#file, unused, 0, unused.length, position + from);
    this.#hasWritten = true;
  }
}
