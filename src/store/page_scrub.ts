/**
 * SQLite's `secure_delete` overwrites what is deleted. But when SQLite moves rows from one page to another, it leaves
 * copies in the unallocated space of a page, and those outlive the row. Here that space is overwritten with zeros in
 * each page. By SQLite's file format it contains nothing, so a crash in between does no harm.
 *
 * @module
 */

import { hostModule } from "./host_modules.ts";

/** The part of `node:fs` that is used. */
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

/** Bytes read at once. */
const BLOCK_BYTES = 1 << 20;
/** The header of the file, before the first page's own. */
const FILE_HEADER_BYTES = 100;
/** Types of b-tree pages, with the length of their headers. */
const PAGE_HEADERS: ReadonlyMap<number, number> = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
]);
/**
 * In a file with more pages, 256 GiB, the first byte of an overflow page could be taken for the type of a b-tree page.
 */
export const MAX_PAGES: number = 1 << 25;

/** Overwrites the unallocated space in a file's pages, some pages at a time. */
export class PageScrub {
  readonly #fs: FileSystem;
  readonly #file: number;
  readonly #pageBytes: number;
  #position = 0;
  #hasWritten = false;

  /**
   * Opens the file. Whenever `next` is called, the process must have the file to itself, with nothing left in the
   * write-ahead log. Throws what the file system throws.
   */
  constructor(path: string, pageBytes: number) {
    this.#fs = hostModule("node:fs") as FileSystem;
    this.#file = this.#fs.openSync(path, "r+");
    this.#pageBytes = pageBytes;
  }

  /** Continues by `maxBytes`. True when it has reached the end; then the next call starts again. */
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

  /** Makes the next call start from the beginning. */
  restart(): void {
    this.#position = 0;
  }

  /** Closes the file. On POSIX systems this also releases every lock that the process holds on it. */
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
