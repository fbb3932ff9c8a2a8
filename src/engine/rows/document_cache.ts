import type { Room } from "../../store/cache_room.ts";
import { copyKnown } from "../../values/copy_known.ts";
import { parseValue } from "../../values/json.ts";
import type { Value } from "../../values/types.ts";
import type { Document } from "./fields.ts";
import { parseDocument } from "./stored_document.ts";

/** The lowest bits of a document's state. */
const KEPT = 1;
const WANTED = 2;
const HAS_CONTAINERS = 4;
const STATE_BITS = 3;
/** Greatest length that fits beside them into what every JavaScript engine stores as a small integer. */
const MAX_LENGTH = 2 ** 27;

/**
 * A document as stored, parsed once and handed out as copies. Only two fields, since in a large set cache misses are a
 * good part of the cost of reading.
 */
export class StoredDocument {
  /** Its row, until the document is first needed; undefined once dropped. */
  #document: Document | string | undefined;
  /** Length of its row, above the three bits. */
  #state: number;

  /** Takes a valid row. */
  constructor(row: string) {
    this.#document = row;
    this.#state = Math.min(row.length, MAX_LENGTH) << STATE_BITS | KEPT;
  }

  /** Length of its row, capped at `MAX_LENGTH`. */
  get length(): number {
    return this.#state >>> STATE_BITS;
  }

  /**
   * False once the cache has dropped it, when it is empty, or if there was no room for it. Then ask the cache again.
   */
  get isKept(): boolean {
    return (this.#state & KEPT) !== 0;
  }

  /**
   * The reference bit of the CLOCK policy: whether it was used again since it was added, or last spared from eviction.
   */
  get isWanted(): boolean {
    return (this.#state & WANTED) !== 0;
  }

  set isWanted(isWanted: boolean) {
    this.#state = isWanted ? this.#state | WANTED : this.#state & ~WANTED;
  }

  /** Releases the document: holders of this entry must ask the cache again. */
  drop(): void {
    this.#document = undefined;
    this.#state &= ~KEPT;
  }

  /** Marks it as not cached, so that it is never taken for current later. */
  unkept(): this {
    this.#state &= ~KEPT;
    return this;
  }

  /** True unless empty. Reading a field prefetches the document into the processor's cache. */
  get isThere(): boolean {
    return this.value._creationTime >= 0;
  }

  /** A fresh copy. */
  copy(): Document {
    const copy = { ...this.value };
    if ((this.#state & HAS_CONTAINERS) === 0) return copy;
    for (const name in copy) {
      if (typeof copy[name] === "object") copy[name] = copyKnown(copy[name]);
    }
    return copy;
  }

  /** The document itself, which must not be changed; undefined once dropped. */
  get value(): Document {
    const document = this.#document;
    return typeof document === "string"
      ? this.read(parseValue(document) as Document)
      : document!;
  }

  /** Replaces the row by the parsed document. */
  read(document: Document): Document {
    for (const name in document) {
      if (isContainer(document[name])) this.#state |= HAS_CONTAINERS;
    }
    return this.#document = document;
  }
}

/** The clock hand restarts once so many more documents were forgotten than are kept. */
const MAX_FORGOTTEN = 1024;

/**
 * Recently read committed documents by id, so that reading one again costs only a copy. Whoever commits must call
 * `forget` for changed ones.
 *
 * When room runs out, documents that were not requested since they were last considered are evicted (the CLOCK policy).
 */
export class DocumentCache {
  readonly #room: Room;
  readonly #documents: Map<string, StoredDocument> = new Map();
  #characters = 0;
  /** Cycles over the documents when room is needed. */
  #hand: Iterator<[string, StoredDocument]> | undefined;
  /** Documents forgotten since it moved. */
  #forgotten = 0;

  /** Keeps documents whose rows fit into `room` together. */
  constructor(room: Room) {
    this.#room = room;
  }

  /** A cached document. */
  find(id: string): StoredDocument | undefined {
    const found = this.#documents.get(id);
    if (found !== undefined) found.isWanted = true;
    return found;
  }

  /**
   * Adds a document that is not cached, given as its committed row. One that is larger than the cache is returned
   * without being kept. Throws `STORE_CORRUPT`, naming the id, for a row that cannot be read.
   */
  keep(id: string, row: string): StoredDocument {
    const document = new StoredDocument(row);
    const { _id } = document.read(parseDocument(id, row));
    // The document's own string: the given one may be a slice of a long key, which would make each lookup slower.
    return this.#keep(_id === id ? _id : id, document);
  }

  /** Adds a row that was just written; it is parsed when first read. */
  keepWritten(id: string, row: string): void {
    this.#keep(id, new StoredDocument(row));
  }

  #keep(id: string, document: StoredDocument): StoredDocument {
    while (!this.#room.holds(this.#characters + document.length)) {
      if (this.#characters === 0) return document.unkept();
      this.#dropOne();
    }
    this.#documents.set(id, document);
    this.#characters += document.length;
    return document;
  }

  /** Drops a document whose row is about to change. Returns whether it was cached. */
  forget(id: string): boolean {
    const documents = this.#documents;
    if (documents.size === 0) return false;
    const found = documents.get(id);
    if (found === undefined) return false;
    documents.delete(id);
    found.drop();
    this.#characters -= found.length;
    // A map keeps removed entries for an iterator that does not advance, without bound while no room is needed.
    if (++this.#forgotten > documents.size + MAX_FORGOTTEN) this.#resetHand();
    return true;
  }

  /** Forgets all. */
  clear(): void {
    for (const document of this.#documents.values()) document.drop();
    this.#documents.clear();
    this.#characters = 0;
    this.#resetHand();
  }

  #resetHand(): void {
    this.#hand = undefined;
    this.#forgotten = 0;
  }

  #dropOne(): void {
    this.#forgotten = 0;
    while (true) {
      const { done, value } = (this.#hand ??= this.#documents.entries()).next();
      if (done) {
        this.#hand = undefined;
        continue;
      }
      const [id, document] = value;
      if (document.isWanted) {
        document.isWanted = false;
        continue;
      }
      this.#documents.delete(id);
      document.drop();
      this.#characters -= document.length;
      return;
    }
  }
}

function isContainer(value: Value | undefined): boolean {
  return typeof value === "object" && value !== null;
}
