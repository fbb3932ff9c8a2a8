import type { ValidatorJson } from "../values/validator_json.ts";
import type { Value } from "../values/types.ts";
import type { FunctionAddress } from "./functions/function_address.ts";
import type { Document } from "./rows/fields.ts";
import type { IdSource } from "./ids.ts";
import type { EngineLimits } from "./limits/limits.ts";
import type { Expression, FilterPredicate } from "./plan/filter.ts";
import type { RangeTerm } from "./plan/index_range.ts";
import type { PageRules } from "./plan/page_rules.ts";
import type { QueryPlan } from "./plan/query_plan.ts";
import type { Row } from "./plan/query_rows.ts";
import type { SchemaJson } from "./schema/schema.ts";
import type { VectorResult, VectorScan } from "./plan/vector_scan.ts";
import type { Meter } from "./limits/meter.ts";

/** The timestamp before the first one, and what all of them are multiples of. */
export interface Beginning {
  /** Nanoseconds since 1970. */
  latest: bigint;
  /** In nanoseconds. */
  grain: bigint;
}

/** What gives commits their timestamps. */
export interface CommitTimes {
  /** Timestamp of the latest commit, in nanoseconds since 1970. */
  readonly latest: bigint;
  /** Goes on as after a commit. */
  skip(): void;
}

/** When transactions begin, and what their commits do to that. */
export interface TransactionClock {
  /** When a transaction that is called from outside begins, in ms since 1970. */
  beginMs(): number;
  /** Notes that a transaction is committed that should get this timestamp. */
  committed(ts: bigint): void;
  /** Notes that a scheduled mutation begins or has ended, which is part of its own transaction. Default: does nothing. */
  jobNoted?(): void;
}

/** Gives an error in other words; `method` of `ctx` has thrown it, such as `get` of `ctx.db` or `storage.get`. */
export type Wording = (error: unknown, method?: string) => unknown;

/** State of a scheduled call. */
export type JobState =
  | { kind: "pending" | "inProgress" | "success" | "canceled" }
  | { kind: "failed"; error: string };

/** A call for which a function may have to wait: of an action, or a scheduled one. */
export type WaitingCall =
  | "query"
  | "mutation"
  | "action"
  | "scheduledMutation"
  | "scheduledAction";

/**
 * In what the engine can behave in one way or another. It is chosen where the engine is made, and asked by everything
 * in it: `convexBehaviour` is Convex's, those of tests are in `src/convex_test`.
 */
export interface Behaviour {
  // Ids and time

  /** Makes what gives ids and creation times to the app or a component, out of the host's random generator. */
  ids(random: (bytes: Uint8Array<ArrayBuffer>) => void): IdSource;
  /** The timestamp that commits begin after; undefined: the present time, or what the store has. */
  beginning: Beginning | undefined;
  /**
   * Builds the clock that says when transactions begin, from the host's clock in ms and the one that gives commits
   * their timestamps.
   */
  clock(now: () => number, commits: CommitTimes): TransactionClock;

  // Schemas and limits

  /** Limits that apply where the engine is given no others. */
  limits: Partial<EngineLimits>;
  /** A schema as it counts. Throws for one that is refused for reasons of the behaviour's own. */
  schema(schema: SchemaJson): SchemaJson;
  /** The validator of a function as it counts. */
  validator(validator: ValidatorJson): ValidatorJson;
  /** Whether an index may end in `_creationTime`, as schemas that are never deployed do; otherwise it is refused. */
  mayIndexTime: boolean;

  // Functions

  /**
   * Whether each function has globals of its own, so that what it assigns to one is not seen by others. Costs some 10 µs
   * a call, and leaves accessors in the place of the host's globals until the engine is closed.
   */
  hasOwnGlobals: boolean;
  /** Says why queries and mutations may not call a global, such as `fetch`, or need `RANDOMNESS` or `PERFORMANCE`; undefined: they may. */
  globalRefusal(name: string): string | undefined;
  /** What a function rejects with whose call of another one, in its transaction or not, has thrown this. */
  carried(error: unknown, isInside: boolean): unknown;
  /** Gives errors in other words. Default: Convex's. */
  wording?: Wording;
  /** Whether a function that is not there has a handle, and is scheduled and fails when it is due; otherwise both are refused. */
  allowsMissing: boolean;
  /** Whether the internal functions of a component can be called from outside of it. */
  reachesInternals: boolean;
  /** Whether a query can be scheduled; otherwise it fails when it is due. */
  schedulesQueries: boolean;
  /**
   * Waits before a function begins that an action calls, or that is scheduled; the latter is seen in progress meanwhile,
   * and that it has run is noted in a transaction of its own. `load` runs the loader of its module once more. Default:
   * nothing waits, and a scheduled mutation is never seen in progress.
   */
  beforeCall?(
    call: WaitingCall,
    load: () => Promise<unknown> | undefined,
  ): Promise<unknown>;

  // HTTP actions

  /** Whether the answer to `HEAD` has the body of the one to `GET`. */
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
  /** How far from now a function may be scheduled, in ms. */
  maxScheduleMs: number;
  /** Whether a scheduled function gets its timer at once, even if the mutation that schedules it fails later. */
  setsTimersAtOnce: boolean;
  /** What `_scheduled_functions` calls a function; `isOwn`: one of the component that schedules it. */
  jobName(address: FunctionAddress, isOwn: boolean): string;
  /** The fields of a scheduled function that is over, since `endMs`. */
  jobEnd(state: JobState, endMs: number): { [field: string]: Value };
  /** Whether what is over can be canceled, too, and what does not exist is refused; otherwise both do nothing. */
  cancelsWhatIsOver: boolean;
  /**
   * Whether what a canceled function schedules while it still runs is canceled, too, and a mutation cannot cancel
   * itself.
   */
  cancelsWhatFollows: boolean;

  // Files

  /** The text of a SHA-256 in `_storage`. */
  checksum: (digest: Uint8Array) => string;
  /** Whether the URL of a file ends in its checksum; otherwise in a secret name. */
  urlsEndInChecksum: boolean;
  /** Whether a SHA-256 that an action gives with a file must match it; one that a mutation gives must in any case. */
  checksFilesOfActions: boolean;

  // Documents

  /** Whether an id of no table is refused; otherwise it is one of no document. */
  refusesUnknownIds: boolean;
  /** Whether documents of system tables are out of reach of `ctx.db`. */
  hidesSystemTables: boolean;
  /** Whether the look-up that a write makes counts as a query. */
  countsWritesAsQueries: boolean;
  /** Whether a document that is refused takes no id. */
  sparesIds: boolean;

  // Queries

  /** The expression by which a filter keeps documents. */
  filter(predicate: FilterPredicate): Expression;
  /** Whether an error about an invalid number of documents states it. */
  tellsWrongCounts: boolean;
  /** What is wrong with comparisons of an index's fields that can be understood; undefined: nothing. Default: nothing. */
  rangeProblem?(
    fields: readonly string[],
    terms: readonly RangeTerm[],
  ): string | undefined;
  /**
   * Takes a query's documents from the rows of its source, and counts them. Default: they are taken as they are read,
   * and what is left out counts, too.
   */
  pick?(
    meter: Meter,
    plan: QueryPlan,
    rows: Iterable<Row>,
  ): IterableIterator<Document>;
  /** What pages contain. */
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
