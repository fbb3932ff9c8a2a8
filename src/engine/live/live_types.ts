import type { Value } from "../../values/types.ts";
import type { UserIdentity } from "../functions/identity.ts";
import type { ReadSet } from "../transaction/read_set.ts";
import type { Turn } from "../transaction/turn.ts";

/** A query to watch. */
export interface LiveCall {
  /** Name of the function. */
  name: string;
  /** Path of its component. Default `""`: the app. */
  component?: string;
  /** Its arguments, which must not change any more. */
  args: { [name: string]: Value };
  /** Who is asking. */
  identity: UserIdentity | null;
  /** Whether internal functions may be called as well. Default false. */
  mayCallInternal?: boolean;
  /** Journal of an earlier run; null starts without one. */
  journal: string | null;
}

/** Outcome of a live query's latest run: a value, or an error. */
export type LiveResult =
  & ({
    /** It gave a value. */
    ok: true;
    /** Its value, which is shared: copy it before handing it to users. */
    value: Value;
  } | {
    /** It threw. */
    ok: false;
    /** The thrown value. */
    error: unknown;
  })
  & {
    /** Lines that it wrote to the console. */
    logLines: readonly string[];
    /** To be passed to the next run of the query. */
    journal: string | null;
  };

/** Runs a query in a turn of the queue, recording its reads. Never rejects. */
export type RunLive = (
  call: LiveCall,
  reads: ReadSet,
  turn: Turn,
) => Promise<LiveResult>;

/** Receives the results of live queries. */
export interface LiveFollower {
  /** Called with a state of the data, and the results that differ from those reported before. */
  onState(ts: bigint, changes: ReadonlyMap<number, LiveResult>): void;
  /** Called if a state could not be made durable, or with what `onState` threw; later states may be told of. */
  onError(error: unknown): void;
  /** Called when the engine is closing. */
  onEnd(): void;
}

/**
 * Queries watched by one follower, which are reported together, at one timestamp. Ids are chosen by the follower.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { queryGeneric } from "convex/server";
 *
 * const hello = queryGeneric(() => "hello");
 * await using engine = openEngine({ modules: { "greet.ts": { hello } } });
 * const reported = Promise.withResolvers<number[]>();
 * const live = engine.follow({
 *   onState: (_ts, changes) => reported.resolve([...changes.keys()]),
 *   onError: reported.reject,
 *   onEnd: () => {},
 * });
 * const call = { name: "greet:hello", args: {}, identity: null, journal: null };
 * live.add(7, call);
 * live.add(8, call);
 * live.remove(8);
 * live.tell();
 * assertEquals(await reported.promise, [7]);
 * live.close();
 * ```
 */
export interface LiveSet {
  /** Watches a query under an id, replacing any query that has it; a result equal to that one's is not reported. */
  add(id: number, call: LiveCall): void;
  /** Stops watching the query of an id. */
  remove(id: number): void;
  /** Makes a report soon, even if no result changes, with a timestamp not before now. */
  tell(): void;
  /** Number of queries watched. */
  readonly size: number;
  /** Stops watching all queries. */
  close(): void;
}
