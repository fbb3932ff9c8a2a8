import type { ValidatorJson } from "../values/validator_json.ts";
import type { Value } from "../values/types.ts";
import type { FunctionAddress } from "./functions/function_address.ts";
import type { Document } from "./rows/fields.ts";
import type { IdSource } from "./ids.ts";
import type { EngineLimits } from "./limits/limits.ts";
import type { Expression, FilterPredicate } from "./plan/filter.ts";
import type { RangeTerm } from "./plan/index_range_builder.ts";
import type { PageRules } from "./plan/page_rules.ts";
import type { QueryPlan } from "./plan/query_plan.ts";
import type { Row } from "./plan/query_rows.ts";
import type { SchemaJson } from "./schema/schema.ts";
import type { VectorResult, VectorScan } from "./plan/vector_scan.ts";
import type { Meter } from "./limits/meter.ts";

/** Where timestamps begin, and their unit. */
export interface Beginning {
  /** The timestamp before the first one, in nanoseconds since 1970. */
  latest: bigint;
  /** All timestamps are multiples of this, in nanoseconds. */
  step: bigint;
}

/** Assigns timestamps to commits. */
export interface CommitTimes {
  /** Timestamp of the latest commit, in nanoseconds since 1970. */
  readonly latest: bigint;
  /** Advances to the next timestamp, as a commit would. */
  skip(): void;
}

/** Decides when transactions begin, and how commits affect that. */
export interface TransactionClock {
  /** When a transaction that is called from outside begins, in ms since 1970. */
  beginMs(): number;
  /** Notes that a transaction with this timestamp is committed. */
  committed(ts: bigint): void;
  /**
   * Called when a scheduled mutation is marked as begun or ended, within its own transaction. Default: does nothing.
   */
  jobNoted?(): void;
}

/** Rewords an error thrown by `method` of `ctx`, such as `get` of `ctx.db` or `storage.get`. */
export type Reword = (error: unknown, method?: string) => unknown;

/** State of a scheduled call. */
export type JobState =
  | { kind: "pending" | "inProgress" | "success" | "canceled" }
  | { kind: "failed"; error: string };

/** A call that may have to wait before its function begins: one made by an action, or a scheduled one. */
export type WaitingCall =
  | "query"
  | "mutation"
  | "action"
  | "scheduledMutation"
  | "scheduledAction";

/**
 * Everything in which engines may differ. It is chosen when an engine is created: `convexBehaviour` is Convex's; those
 * for tests are in `src/convex_test`.
 */
export interface Behaviour {
  // Ids and time

  /** Makes the source of ids and creation times of the app or a component from the host's random generator. */
  ids(random: (bytes: Uint8Array<ArrayBuffer>) => void): IdSource;
  /** Where timestamps begin; undefined: at the present time, or after those in the store. */
  beginning: Beginning | undefined;
  /**
   * Builds the clock that says when transactions begin, from the host's clock in ms and the one that gives commits
   * their timestamps.
   */
  clock(now: () => number, commits: CommitTimes): TransactionClock;

  // Schemas and limits

  /** Limits that apply where the engine is given no others. */
  limits: Partial<EngineLimits>;
  /** Adapts a schema before it takes effect. Throws for one that this behaviour refuses. */
  schema(schema: SchemaJson): SchemaJson;
  /** Adapts a function's validator before it takes effect. */
  validator(validator: ValidatorJson): ValidatorJson;
  /** Whether an index may end in `_creationTime`, as in schemas that are never deployed; otherwise it is refused. */
  mayIndexTime: boolean;

  // Functions

  /**
   * Whether each function has its own globals, so that others do not see its assignments. Costs some 10 µs a call, and
   * replaces the host's globals by accessors until the engine is closed.
   */
  hasOwnGlobals: boolean;
  /**
   * Says why queries and mutations may not call a global, such as `fetch`, or need `RANDOMNESS` or `PERFORMANCE`;
   * undefined: they may.
   */
  globalRefusal(name: string): string | undefined;
  /** The error that a caller gets when a function that it called, inside its transaction or not, has thrown `error`. */
  carried(error: unknown, isInside: boolean): unknown;
  /** Rewords errors. Default: Convex's words. */
  reword?: Reword;
  /**
   * Whether a missing function can be given a handle and scheduled, and fails only when it is due; otherwise both are
   * refused.
   */
  allowsMissing: boolean;
  /** Whether the internal functions of a component can be called from outside of it. */
  reachesInternals: boolean;
  /** Whether a query can be scheduled; otherwise it fails when it is due. */
  schedulesQueries: boolean;
  /**
   * Waits before a function that is scheduled, or that an action calls, begins. A scheduled one is shown as in progress
   * meanwhile, and its end is recorded in a separate transaction. `load` runs the loader of its module once more.
   * Default: nothing waits, and a scheduled mutation is never seen in progress.
   */
  beforeCall?(
    call: WaitingCall,
    load: () => Promise<unknown> | undefined,
  ): Promise<unknown>;

  // HTTP actions

  /** Whether the answer to `HEAD` has the same body as the answer to `GET`. */
  answersHeadInFull: boolean;
  /** Whether a request to an app without `http.ts` rejects; otherwise its answer says so. */
  needsRouter: boolean;
  /** Says that there is no HTTP action for a path. */
  noRoute(pathname: string): string;

  // Scheduled functions

  /**
   * Whether each scheduled function has a timer of its own and runs when that fires, whatever the clock says, as tests
   * that count and advance timers expect; otherwise there is one timer for all of them.
   */
  hasTimerEach: boolean;
  /** Longest delay that such a timer is given, in ms; a longer one is waited for in parts. */
  maxTimerMs: number;
  /** How far ahead a function may be scheduled, in ms. */
  maxScheduleMs: number;
  /** Whether a scheduled function gets its timer at once, even if the mutation that schedules it fails later. */
  setsTimersAtOnce: boolean;
  /** The `name` of a function in `_scheduled_functions`. `isOwn`: it belongs to the component that schedules it. */
  jobName(address: FunctionAddress, isOwn: boolean): string;
  /** The fields of a scheduled function that ended at `endMs`. */
  jobEnd(state: JobState, endMs: number): { [field: string]: Value };
  /**
   * Whether finished calls can be canceled, too, and canceling a missing call is an error; otherwise both do nothing.
   */
  cancelsWhatIsOver: boolean;
  /**
   * Whether calls that a canceled function schedules while still running are canceled, too, and a mutation cannot
   * cancel itself.
   */
  cancelsWhatFollows: boolean;

  // Files

  /** Whether the URL of a file ends in its checksum; otherwise in a secret name. */
  urlsEndInChecksum: boolean;
  /** Whether a SHA-256 that an action gives with a file must match it; one that a mutation gives must in any case. */
  checksFilesOfActions: boolean;

  // Documents

  /** Whether an id that belongs to no table is refused; otherwise it is treated as the id of a missing document. */
  refusesUnknownIds: boolean;
  /** Whether `ctx.db` cannot reach documents of system tables. */
  hidesSystemTables: boolean;
  /** Whether the lookup that a write makes counts as a query. */
  countsWritesAsQueries: boolean;
  /** Whether a new document that its table refuses uses up no id. */
  sparesIds: boolean;

  // Queries

  /** The expression that decides which documents a filter keeps. */
  filter(predicate: FilterPredicate): Expression;
  /** Whether the error about an invalid number of documents includes the number. */
  tellsWrongCounts: boolean;
  /** An additional check of an index range. Returns the problem, or undefined. Default: no further checks. */
  rangeProblem?(
    fields: readonly string[],
    terms: readonly RangeTerm[],
  ): string | undefined;
  /**
   * Applies a query's operators to the rows of its source, and counts the reads. Default: all rows that are read count,
   * including those left out.
   */
  pick?(
    meter: Meter,
    plan: QueryPlan,
    rows: Iterable<Row>,
  ): IterableIterator<Document>;
  /** Rules of pagination. */
  pages: PageRules;
  /**
   * Finds the rows of a table that match a text search; reading on after `maxRows` is refused. Default: by the index.
   */
  matchText?(
    source: Extract<QueryPlan["source"], { type: "search" }>,
    rows: Iterable<Row>,
    maxRows: number,
  ): IterableIterator<Row>;
  /** Finds the results of a vector search, nearest first. Default: by the index. */
  nearest?(scan: VectorScan): VectorResult[];
}
