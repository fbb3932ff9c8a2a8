import type { Value } from "../../values/types.ts";
import type { UserIdentity } from "../calls/identity.ts";
import type { ReadSet } from "../transaction/read_set.ts";
import type { Turn } from "../transaction/turn.ts";

/** A query to follow. */
export interface LiveCall {
  /** Name of the function. */
  name: string;
  /** Path of the component that it is of. Default `""`: the app. */
  component?: string;
  /** Its arguments. Nobody changes them any more. */
  args: { [name: string]: Value };
  /** Who asks. */
  identity: UserIdentity | null;
  /** Whether internal functions may be called, too. Default false. */
  mayCallInternal?: boolean;
  /** Journal of an earlier run; null: begin anew. */
  journal: string | null;
}

/** What a followed query gave at its latest run: a value, or an error. */
export type LiveResult =
  & ({
    /** It gave a value. */
    ok: true;
    /** Its value. It is shared: who hands it out copies it. */
    value: Value;
  } | {
    /** It threw. */
    ok: false;
    /** What it threw. */
    error: unknown;
  })
  & {
    /** What it wrote to the console. */
    logLines: readonly string[];
    /** To be given to whoever follows the query next. */
    journal: string | null;
  };

/** Runs a query in a turn of the queue, noting what it reads. Never rejects. */
export type RunLive = (
  call: LiveCall,
  reads: ReadSet,
  turn: Turn,
) => Promise<LiveResult>;

/** Whoever follows queries. */
export interface LiveFollower {
  /** Told of a state of the data, with the results that differ from those told before. */
  onState(ts: bigint, changes: ReadonlyMap<number, LiveResult>): void;
  /** Told that a state could not be made durable; later ones may be. */
  onError(error: unknown): void;
  /** Told that the engine is closing. */
  onEnd(): void;
}

/** Queries that one follower follows: it is told of all of them at one timestamp. Ids are the follower's own. */
export interface LiveSet {
  /** Follows a query under an id; when the id has one, instead of that: a result equal to that one's is not told. */
  add(id: number, call: LiveCall): void;
  /** Follows the query of an id no longer. */
  remove(id: number): void;
  /** Has the follower told soon, also when no result changes, with a timestamp not before now. */
  tell(): void;
  /** Queries followed. */
  readonly size: number;
  /** Follows nothing any more. */
  close(): void;
}
