import { EngineError } from "../../errors.ts";
import { formatJson } from "../../values/format_json.ts";
import { prefixEnd } from "../../values/key.ts";
import type { Calls } from "../calls/calls.ts";
import { parseDocument } from "../rows/stored_document.ts";
import type { Value } from "../../values/types.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import type { Commits } from "../transaction/commits.ts";
import type { Overlay } from "../transaction/overlay.ts";
import type { ChangeLog } from "./change_log.ts";
import type { UserTables } from "./user_tables.ts";

/** Limits of a page: documents, characters of their rows, and documents looked at, exported or not. */
const PAGE_DOCUMENTS = 1024;
const PAGE_CHARACTERS = 4 << 20;
const PAGE_LOOKED_AT = 16_384;

/** A document, for keeping a copy elsewhere. */
export interface ExportedDocument {
  /** Path of its component; `""` is the app. */
  component: string;
  /** Its table. */
  table: string;
  /** Its id. */
  id: string;
  /** When it last changed, in nanoseconds: a multiple of 256, which a number represents exactly. */
  ts: bigint;
  /** The document; undefined if it was deleted. */
  document: { [field: string]: Value | undefined } | undefined;
}

/** Metadata of an exported document, besides its fields. */
type DocumentFacts = Omit<ExportedDocument, "document">;

/** Returns whether a table is included. */
export type Includes = (component: string, table: string) => boolean;

/** A page of a snapshot. */
export interface SnapshotPage {
  /** Documents, table by table. */
  documents: ExportedDocument[];
  /** Timestamp of the snapshot, for its next page, and for requesting changes after it. */
  snapshot: bigint;
  /** Where the next page begins; null after the last. */
  cursor: string | null;
}

/** A page of the changes after a timestamp. */
export interface ChangesPage {
  /** Documents in the order of their changes, as they are now. */
  documents: ExportedDocument[];
  /** Timestamp from which to request later changes. */
  cursor: bigint;
  /** Whether there are any. */
  hasMore: boolean;
}

/**
 * The documents and their changes, for keeping a copy elsewhere. Writes cost no more until it is first used.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { mutationGeneric } from "convex/server";
 *
 * const add = mutationGeneric((ctx) => ctx.db.insert("pens", { colour: "red" }));
 * await using engine = openEngine({ modules: { "pens.ts": { add } } });
 * const everything = () => true;
 * const { snapshot, documents } = await engine.changes.snapshot(everything);
 * assertEquals(documents, []);
 * await engine.mutation("pens:add");
 * const later = await engine.changes.after(everything, snapshot);
 * assertEquals(later.documents.length, 1);
 * ```
 */
export interface ChangeGate {
  /**
   * Returns the documents of all included tables, page by page. Once the state at the snapshot is no longer known,
   * documents changed since are left out: `after` returns them.
   *
   * @throws {EngineError} `OUT_OF_RETENTION` for a snapshot of more than 30 days ago, `INVALID_ARGUMENT` for one in
   * the future, and for a cursor that no page has ended with.
   */
  snapshot(
    includes: Includes,
    snapshot?: bigint,
    cursor?: string,
  ): Promise<SnapshotPage>;
  /**
   * Returns the documents that changed after a timestamp, each with its latest change only. After 0, these are all
   * current documents, unless those that have not changed lately are too many for a page.
   *
   * @throws {EngineError} `OUT_OF_RETENTION` for a timestamp from which on not all changes are known.
   */
  after(includes: Includes, ts: bigint): Promise<ChangesPage>;
}

/** The gate to the documents of an engine. */
export class EngineChanges implements ChangeGate {
  readonly #calls: Calls;
  readonly #commits: Commits;
  readonly #log: ChangeLog;
  readonly #tables: UserTables;

  /** Takes the runner of transactions, and the log of changes with the tables that it covers. */
  constructor(
    calls: Calls,
    commits: Commits,
    log: ChangeLog,
    tables: UserTables,
  ) {
    this.#calls = calls;
    this.#commits = commits;
    this.#log = log;
    this.#tables = tables;
  }

  async snapshot(
    includes: Includes,
    snapshot?: bigint,
    cursor?: string,
  ): Promise<SnapshotPage> {
    await this.#ask();
    return await this.#read(() => {
      const taken = snapshot ?? this.#log.latest!;
      this.#check(taken);
      return this.#snapshotPage(includes, taken, readCursor(cursor));
    });
  }

  async after(includes: Includes, ts: bigint): Promise<ChangesPage> {
    if (this.#log.start === undefined && ts !== 0n) throw outOfRetention(ts);
    await this.#ask();
    return await this.#read(() => {
      if (ts === 0n) return this.#firstChanges(includes);
      this.#check(ts);
      return this.#changesPage(includes, ts);
    });
  }

  /** The first page of changes after timestamp 0: all documents that have not changed since the log began. */
  #firstChanges(includes: Includes): ChangesPage {
    const start = this.#log.start!;
    const rows = this.#commits.from(this.#commits.latest);
    const page = new Page();
    for (const { facts, number, row } of this.#documents(rows, includes)) {
      page.look(number, facts.id);
      if (facts.ts > start) continue;
      // They all have the timestamp of the log's start, and a page can only end between two timestamps.
      if (page.isOver) throw outOfRetention(0n);
      page.add(facts, row);
    }
    const hasMore = this.#log.latest! > start;
    return { documents: page.documents, cursor: start, hasMore };
  }

  #snapshotPage(
    includes: Includes,
    snapshot: bigint,
    cursor: Cursor | undefined,
  ): SnapshotPage {
    this.#commits.openHistory();
    const rows = this.#commits.from(snapshot);
    const page = new Page();
    for (
      const { facts, number, row } of this.#documents(rows, includes, cursor)
    ) {
      if (page.isFull) {
        const cursor = JSON.stringify(page.place);
        return { documents: page.documents, snapshot, cursor };
      }
      page.look(number, facts.id);
      if (facts.ts <= snapshot) page.add(facts, row);
    }
    return { documents: page.documents, snapshot, cursor: null };
  }

  /** The documents of the included tables, after a given one or from the first on. */
  *#documents(
    rows: Overlay,
    includes: Includes,
    behind: Cursor = { table: 0, id: "" },
  ): Generator<{ facts: DocumentFacts; number: number; row: string }, void> {
    for (const { component, table } of this.#tables.all()) {
      const { name, number, prefix } = table;
      if (number < behind.table || !includes(component, name)) continue;
      const start = number === behind.table
        ? `${prefix}${behind.id}\0`
        : prefix;
      for (
        const { key, value: row } of rows.scan({
          start,
          end: prefixEnd(prefix),
        })
      ) {
        const id = key.slice(ROW_PREFIX_LENGTH);
        const ts = this.#log.timeOf(rows, key.slice(1));
        yield { facts: { component, table: name, id, ts }, number, row };
      }
    }
  }

  #changesPage(includes: Includes, after: bigint): ChangesPage {
    const rows = this.#commits.from(this.#commits.latest);
    const page = new Page();
    let cursor = after;
    for (const { ts, place } of this.#log.after(after)) {
      // A page ends between two commits, as no cursor points into one.
      if (page.isFull && ts !== cursor) {
        return { documents: page.documents, cursor, hasMore: true };
      }
      cursor = ts;
      const found = this.#tables.of(place);
      const id = place.slice(ROW_PREFIX_LENGTH - 1);
      page.look(found?.table.number ?? 0, id);
      if (!found || !includes(found.component, found.table.name)) continue;
      const { component, table: { name } } = found;
      page.add({ component, table: name, id, ts }, rows.get(`d${place}`));
    }
    return { documents: page.documents, cursor, hasMore: false };
  }

  /** Ensures that changes are recorded from now on. */
  async #ask(): Promise<void> {
    if (!this.#log.isToBeAsked) return;
    await this.#calls.transaction(
      { component: this.#calls.components.app, writable: true },
      (transaction) =>
        transaction.afterCommit(
          this.#log.ask(transaction.rows, this.#commits.latest),
        ),
    );
  }

  /** Reads in a turn of the queue, so that only durable data are exported. */
  #read<T>(read: () => T): Promise<T> {
    const component = this.#calls.components.app;
    return this.#calls.transaction({ component, writable: false }, read);
  }

  #check(ts: bigint): void {
    if (ts < this.#log.start!) throw outOfRetention(ts);
    if (ts <= this.#commits.latest) return;
    throw new EngineError(
      "INVALID_ARGUMENT",
      `timestamp ${ts} is after the latest one, ${this.#commits.latest}`,
    );
  }
}

/** A page being filled. */
class Page {
  readonly documents: ExportedDocument[] = [];
  /** The last document looked at. */
  place: Cursor = { table: 0, id: "" };
  #characters = 0;
  #lookedAt = 0;

  get isFull(): boolean {
    return this.documents.length >= PAGE_DOCUMENTS ||
      this.#characters >= PAGE_CHARACTERS || this.#lookedAt >= PAGE_LOOKED_AT;
  }

  /** Whether it is too large to go on to the end of a commit. */
  get isOver(): boolean {
    return this.#lookedAt >= 4 * PAGE_LOOKED_AT ||
      this.#characters >= 4 * PAGE_CHARACTERS;
  }

  /** Counts a document as looked at. */
  look(table: number, id: string): void {
    this.place = { table, id };
    this.#lookedAt++;
  }

  /** Adds a document, given by its row. */
  add(
    facts: DocumentFacts,
    row: string | undefined,
  ): void {
    const document = row === undefined
      ? undefined
      : parseDocument(facts.id, row);
    this.documents.push({ ...facts, document });
    this.#characters += row?.length ?? 0;
  }
}

/** The last document of a page: the number of its table, and its id. */
interface Cursor {
  table: number;
  id: string;
}

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  let cursor: Partial<Cursor> | null;
  try {
    cursor = JSON.parse(text);
  } catch {
    cursor = null;
  }
  const { table, id } = Object(cursor) as Partial<Cursor>;
  if (typeof table === "number" && typeof id === "string" && /^\w*$/.test(id)) {
    return { table, id };
  }
  throw new EngineError(
    "INVALID_ARGUMENT",
    `cursor must be one that a page of a snapshot has ended with; got ${
      formatJson(text)
    }`,
  );
}

function outOfRetention(ts: bigint): EngineError {
  return new EngineError(
    "OUT_OF_RETENTION",
    `timestamp ${ts} is older than the changes that are kept: begin with a new snapshot`,
  );
}
