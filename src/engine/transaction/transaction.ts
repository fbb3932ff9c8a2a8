import { EngineError } from "../../errors.ts";
import type { SyncStore } from "../../store/types.ts";
import type { Behaviour } from "../behaviour.ts";
import type { Catalog } from "../schema/catalog.ts";
import type { Commits } from "./commits.ts";
import { withCommitTs } from "../rows/commit_ts.ts";
import type { DocumentCache } from "../rows/document_cache.ts";
import { DocumentCopies } from "../rows/document_copies.ts";
import type { IdSource } from "../ids.ts";
import { CATALOG_KEY } from "../keys.ts";
import type { TransactionLimits } from "../limits/limits.ts";
import { Meter } from "../limits/meter.ts";
import { Overlay } from "./overlay.ts";
import { PendingDocuments } from "./pending_documents.ts";
import type { SearchCaches } from "../search/search_caches.ts";
import type { TextChanges } from "../search/text_changes.ts";

/** The state that every transaction of an engine works on. */
export interface Database {
  /** The committed rows. */
  store: SyncStore;
  /** Tables and indexes. */
  catalog: Catalog;
  /** Committed documents read lately. */
  documents: DocumentCache;
  /** Ids and creation times. */
  ids: IdSource;
  /** Decoded text and vector indexes of the committed rows. */
  caches: SearchCaches;
  /** Timestamps and history of commits. */
  commits: Commits;
  /** Placeholder for the timestamp of the commit: `ctx.db.vars.commitTs`. */
  commitTs: object;
  /** The engine's behaviour. */
  behaviour: Behaviour;
}

/** How an outermost transaction begins. */
export interface TransactionStart {
  /** The time, in ms. */
  startMs: number;
  /** Whether it may write. */
  writable: boolean;
  /** Its rows. Default: those at `ts`. */
  rows?: Overlay;
  /** The timestamp of what it reads. Default: the latest. */
  ts?: bigint | undefined;
  /** Where its page ended before, and ends now. */
  journal?: PageJournal;
  /** Its limits, where they differ from the engine's. */
  limits?: TransactionLimits | undefined;
  /** Whether it runs a function of a module, not a test's own code. */
  ofModule?: boolean;
}

/** How a transaction inside another one begins. */
export interface ChildStart {
  /** Whether it may write. */
  writable: boolean;
  /** Its share of the limits that the transaction around it has left. Default: all of it. */
  limits?: Partial<TransactionLimits> | undefined;
  /** The tables that it works on: each component has its own over the same rows. */
  database: Database;
  /** See {@link TransactionStart.ofModule}. */
  ofModule?: boolean;
}

/** Where the page of a query ends, kept from one run to the next. */
export interface PageJournal {
  /** Set by a run that read a page; the page of the next run ends there, too. */
  endCursor?: string | undefined;
}

/** One function's view of the data: the committed rows under its own writes and those of the functions around it. */
export class Transaction {
  /** The engine's data. */
  readonly database: Database;
  /** Its rows. */
  readonly rows: Overlay;
  /** Shared with every function that runs inside the outermost one, unless it has limits of its own. */
  readonly meter: Meter;
  /** Documents handed to functions, for all that run inside the outermost one. */
  readonly documentCopies: DocumentCopies;
  /** Whether it may write. */
  readonly writable: boolean;
  /** Documents with a placeholder for the timestamp of the commit. Kept by the outermost transaction. */
  pending: PendingDocuments | undefined;
  /** What it has changed in text indexes, by their prefix, once it has searched them. Kept by the outermost one. */
  textChanges: Map<string, TextChanges> | undefined;
  /** For an outermost one: notified when it ends; holds the promise of its function. */
  runs: {
    endOf(transaction: Transaction): void;
    letGoOf(transaction: Transaction): WeakRef<object> | undefined;
    isInside(transaction: Transaction): boolean;
  } | undefined;
  /** For an outermost one with observers: called with the reason when it is given up. */
  onGiveUp: ((error: unknown) => void) | undefined;
  /** The outermost transaction around this one, or itself. */
  readonly root: Transaction;
  /** The transaction that may read one page, this one included; undefined where there may be many. */
  readonly #pager: Transaction | undefined;
  /** Journal of a query called from outside. */
  readonly journal: PageJournal | undefined;
  /** For an outermost one: the timestamp of what it reads, unless that is the latest. */
  readonly #ts: bigint | undefined;
  /** When the outermost function began, in ms; see {@link TransactionClock.jobNoted}. */
  startMs: number;
  readonly #parent: Transaction | undefined;
  #isOpen = true;
  #hasPaginated = false;
  /** For a nested one: undoes the counting of its writes, unless it is committed. */
  #uncount: (() => void) | undefined;
  #afterCommit: { notify: () => void; atMs: number }[] | undefined;
  #nested: Promise<unknown> | undefined;
  #ongoing: Promise<unknown> | undefined;

  private constructor(
    database: Database,
    rows: Overlay,
    { startMs, writable, journal, ofModule, ts }: TransactionStart,
    meter: Meter,
    parent?: Transaction,
  ) {
    this.database = database;
    this.rows = rows;
    this.startMs = startMs;
    this.writable = writable;
    this.journal = journal;
    this.#ts = ts;
    this.#parent = parent;
    this.root = parent?.root ?? this;
    const isLimited = writable
      ? ofModule === true && database.behaviour.pages.onePerMutation
      : parent === undefined || parent.writable;
    this.#pager = isLimited ? this : writable ? undefined : parent!.#pager;
    this.meter = meter;
    this.documentCopies = parent?.documentCopies ?? new DocumentCopies();
  }

  /** Begins an outermost transaction. */
  static begin(database: Database, start: TransactionStart): Transaction {
    const { commits } = database;
    const rows = start.rows ?? commits.at(start.ts ?? commits.latest);
    const meter = new Meter(start.limits ?? database.catalog.limits);
    return new Transaction(database, rows, start, meter);
  }

  /**
   * Begins a transaction inside this one: with its own layer of writes, or read-only. What it uses counts for this one,
   * too.
   */
  child({ writable, limits, database, ofModule }: ChildStart): Transaction {
    this.assertOpen();
    const meter = limits ? this.meter.within(limits) : this.meter;
    const child = new Transaction(
      database,
      writable ? new Overlay(this.database.store, this.rows) : this.rows,
      { startMs: this.startMs, writable, ofModule },
      meter,
      this,
    );
    if (writable) child.#uncount = meter.mark();
    return child;
  }

  /** Begins a read-only transaction over the committed rows, without this one's writes. What it uses counts here, too. */
  beside(database: Database): Transaction {
    const start = { startMs: this.startMs, writable: false };
    return new Transaction(
      database,
      new Overlay(database.store),
      start,
      this.meter,
    );
  }

  /**
   * Records that a page is read: once in a query with all that it calls, and once in a mutation, where the behaviour
   * counts it. Throws `INVALID_PAGINATION`.
   */
  claimPage(): void {
    const pager = this.#pager;
    if (pager === undefined) return;
    if (pager.#hasPaginated) {
      throw new EngineError(
        "INVALID_PAGINATION",
        "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
      );
    }
    pager.#hasPaginated = true;
  }

  /** The `pending` documents, created on the first call. */
  expectCommitTs(): PendingDocuments {
    return this.root.pending ??= new PendingDocuments(this.database.commitTs);
  }

  /** A function's result, with the timestamp of its commit in place of placeholders. */
  resolved<T>(result: T, ts: bigint): T {
    return this.pending === undefined ? result : withCommitTs(result, ts);
  }

  /** Runs nested calls one after another, even when the function starts them together. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = (this.#nested ?? Promise.resolve()).then(task);
    const done = () => {
      if (this.#nested === ended) this.#ongoing = undefined;
    };
    const ended = result.then(done, done);
    this.#nested = ended;
    if (this.writable) this.#ongoing = ended;
    return result;
  }

  /**
   * In a mutation, the end of the nested calls in progress; undefined without any. The function's own reads and writes
   * wait for it, as on Convex: those calls read a state that must not change meanwhile, and their writes would replace
   * the function's own.
   */
  get ongoing(): Promise<unknown> | undefined {
    const ongoing = this.#ongoing;
    // Code of such a call that uses the `ctx` of this function would wait for itself.
    return ongoing && this.root.runs?.isInside(this) ? undefined : ongoing;
  }

  /** Resolves when the nested calls started so far have ended; a new promise after each further call. */
  get nested(): Promise<unknown> | undefined {
    return this.#nested;
  }

  /**
   * Commits the writes to the enclosing transaction, or to the store when this is the outermost. Returns the timestamp
   * of the resulting state.
   */
  commit(ts: bigint = this.database.commits.next()): bigint {
    this.assertOpen();
    const { catalog, commits } = this.database;
    if (this.#parent) {
      this.#parent.assertOpen();
      this.rows.mergeIntoParent();
      this.#uncount = undefined;
      for (const { notify, atMs } of this.#afterCommit ?? []) {
        this.#parent.afterCommit(notify, atMs);
      }
      return commits.latest;
    }
    this.pending?.resolve(this.rows, ts);
    const ops = this.rows.ops();
    if (ops.length === 0) {
      this.#notify();
      return commits.latest;
    }
    if (catalog.row.dirty) {
      // A table was created, here or in a transaction that was rolled back.
      ops.push({ key: CATALOG_KEY, value: JSON.stringify(catalog.row.stored) });
    }
    commits.apply(ops, ts);
    catalog.row.dirty = false;
    this.#notify();
    return ts;
  }

  /**
   * Calls `notify` once the outermost transaction is committed; never when this one is rolled back. What is due earlier
   * is notified earlier: by now both may be due, and then timers fire in the order in which they are set.
   */
  afterCommit(notify: () => void, atMs = 0): void {
    (this.#afterCommit ??= []).push({ notify, atMs });
  }

  #notify(): void {
    this.#afterCommit?.sort((a, b) => a.atMs - b.atMs);
    for (const { notify } of this.#afterCommit ?? []) notify();
  }

  /** Ends it although its function is still waiting, perhaps for ever. */
  giveUp(error: unknown): void {
    this.onGiveUp?.(error);
    this.close();
  }

  /** Ends it. Uncommitted writes are gone, and later use of its `ctx.db` throws. */
  close(): void {
    this.#isOpen = false;
    this.#uncount?.();
    this.runs?.endOf(this);
  }

  /** Whether it is part of another one. */
  isInside(other: Transaction): boolean {
    const parent = this.#parent;
    return parent !== undefined && (parent === other || parent.isInside(other));
  }

  /** Timestamp of the state that it reads. */
  get snapshotTs(): bigint {
    return this.root.#ts ?? this.database.commits.latest;
  }

  /** False once the function has ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Throws when the function has ended: a promise that it did not await must not touch the data. */
  assertOpen(): void {
    if (this.#isOpen) return;
    throw new EngineError(
      "FUNCTION_ENDED",
      "ctx was used after its function had ended; await every promise in a query or mutation",
    );
  }
}
