import { encodeHex } from "../values/hex.ts";
import { encodeId, tableNumberOf } from "../values/id.ts";

/** Random bytes fetched at once: a call of the host's generator costs more than the bytes themselves. */
const RANDOM_POOL_BYTES = 4096;
const RANDOM_BYTES_PER_ID = 8;

/** Makes document ids and creation times, strictly increasing for the engine's life. */
export class IdSource {
  #last = 0;
  readonly #random: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #pool: Uint8Array<ArrayBuffer> = new Uint8Array(RANDOM_POOL_BYTES);
  #used = RANDOM_POOL_BYTES;
  /** Inner bytes of the latest id. */
  readonly #bytes: Uint8Array = new Uint8Array(16);
  readonly #view: DataView = new DataView(this.#bytes.buffer);
  /** The last argument of `tableOf`, and its result. */
  #lastId = "";
  #lastTable: number | undefined;

  /** Takes the host's random generator, which fills the bytes that it is given. */
  constructor(random: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#random = random;
  }

  /** Whether ids are unique across sources, that is, components. */
  get areUnique(): boolean {
    return true;
  }

  /** The greatest creation time so far, in ms. */
  get latest(): number {
    return this.#last;
  }

  /** Makes later creation times greater than `creationTime`, in ms. */
  observe(creationTime: number): void {
    if (creationTime > this.#last) this.#last = creationTime;
  }

  /** Fresh random bytes. */
  randomBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.#fill(bytes, 0);
    return bytes;
  }

  #fill(bytes: Uint8Array, from: number): void {
    for (let at = from; at < bytes.length; at++) {
      if (this.#used === RANDOM_POOL_BYTES) {
        this.#random(this.#pool);
        this.#used = 0;
      }
      bytes[at] = this.#pool[this.#used++]!;
    }
  }

  /**
   * Id and creation time of a new document. The time is `nowMs`, or the next greater float after the latest if that was
   * used already or the clock went back.
   */
  next(
    table: { name: string; number: number },
    nowMs: number,
  ): { id: string; creationTime: number } {
    const view = this.#view;
    if (nowMs > this.#last && nowMs < Infinity) {
      view.setFloat64(0, nowMs);
    } else {
      view.setFloat64(0, this.#last);
      view.setBigUint64(0, view.getBigUint64(0) + 1n);
    }
    this.#last = view.getFloat64(0);
    this.#fill(this.#bytes, 16 - RANDOM_BYTES_PER_ID);
    return {
      id: encodeId(table.number, this.#bytes),
      creationTime: this.#last,
    };
  }

  /** A new id for a document with a given creation time. */
  at(table: { name: string; number: number }, creationTime: number): string {
    const bytes = creationTimeBytes(creationTime);
    this.#fill(bytes, 16 - RANDOM_BYTES_PER_ID);
    return encodeId(table.number, bytes);
  }

  /**
   * Number of the table that an id belongs to, or its name where ids contain that; undefined for a text that is no id.
   */
  tableOf(id: string): number | string | undefined {
    // Cached, since an id passed as an argument is decoded twice: for validation and for the lookup.
    if (id !== this.#lastId) {
      this.#lastTable = tableNumberOf(id);
      this.#lastId = id;
    }
    return this.#lastTable;
  }

  /** Length of every id of a table. */
  lengthFor(table: { name: string; number: number }): number {
    return encodeId(table.number, new Uint8Array(16)).length;
  }

  /** The least id that a document with this creation time could have: a non-negative finite float, in ms. */
  least(
    table: { name: string; number: number },
    creationTime: number,
  ): string {
    return encodeId(table.number, creationTimeBytes(creationTime));
  }
}

/**
 * The sixteen inner bytes of the least id with a creation time. The bits of positive floats, read as a big-endian
 * integer, order as the floats do.
 */
function creationTimeBytes(creationTime: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setFloat64(0, creationTime);
  return bytes;
}

/** The least float greater than a non-negative finite float. */
export function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  return view.getFloat64(0);
}

/** Sixteen bytes as a UUID of version 4; six of their bits are overwritten. */
export function uuidOf(bytes: Uint8Array): string {
  bytes[6] = bytes[6]! & 0x0f | 0x40;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  const hex = encodeHex(bytes);
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]]
    .map(([from, to]) => hex.slice(from, to)).join("-");
}
