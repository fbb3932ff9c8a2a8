import type { ActionLife } from "./action_life.ts";
import type { Caller } from "./caller.ts";
import type { Component } from "../components/components.ts";
import type { Meter } from "../limits/meter.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { Unawaited } from "./unawaited.ts";

/** Bytes that seed the numbers of `Math.random` in a run. */
const SEED_BYTES = 12;

/** Parts of a run. */
export interface RunParts {
  /** Kind of function. */
  kind: "query" | "mutation" | "action" | "httpAction";
  /** The component of the function. */
  component: Component;
  /** Its name, `module:export`; empty for a function given inline. */
  name: string;
  /** Whether it may be called from outside. */
  isPublic: boolean;
  /** On whose behalf. */
  caller: Caller;
  /** Depth of nested calls: 1 for an outermost function. */
  depth: number;
  /** Its transaction; undefined for actions. */
  transaction: Transaction | undefined;
  /** Cancels it. */
  signal: AbortSignal | undefined;
  /** Whether the files that it stores and reads are exempt from limits. Default false. */
  hasFreeFiles?: boolean;
  /** Set for an action with a time limit. */
  life?: ActionLife | undefined;
}

/** One function while it runs. */
export class Run {
  /** The parts that it was made from. */
  readonly parts: RunParts;
  /** Its `ctx`. */
  context: unknown;
  /** For an outermost run: the promise of its function, until `RunScope.letGoOf` takes it. */
  promised: unknown;
  /** Its entry in the host's `AsyncLocalStorage`. */
  hold: { letGo(): void } | undefined;
  /** For an action: its operations in progress. */
  readonly unawaited: Unawaited | undefined;
  #globals: Map<string, unknown> | undefined;
  #timers: Map<string, number> | undefined;
  #random: SeededRandom | undefined;

  /** Begins without a context. */
  constructor(parts: RunParts) {
    this.parts = parts;
    if (parts.transaction === undefined) this.unawaited = new Unawaited();
  }

  /**
   * Whether it is a query, a mutation or part of one: then `fetch` and timers are refused, time is frozen, and random
   * numbers come from a seed.
   */
  get isTransactional(): boolean {
    return this.parts.transaction !== undefined;
  }

  /** The meter for files that it stores and reads; undefined if they are not limited, as in actions. */
  get fileMeter(): Meter | undefined {
    const { transaction, hasFreeFiles } = this.parts;
    return hasFreeFiles ? undefined : transaction?.meter;
  }

  /** When it, or the outermost transaction around it, began, in ms. */
  get startMs(): number {
    return this.parts.transaction!.startMs;
  }

  /** Its own globals, where each function has its own. */
  get globals(): Map<string, unknown> {
    return this.#globals ??= new Map();
  }

  /** When the timers of its console were started, by their labels. */
  get timers(): Map<string, number> {
    return this.#timers ??= new Map();
  }

  /** Its random numbers for `Math.random`. */
  get random(): SeededRandom {
    return this.#random ??= new SeededRandom(this.randomBytes(SEED_BYTES));
  }

  /** Random bytes for `crypto`. None can be computed from the others, because functions make secrets of them. */
  randomBytes(count: number): Uint8Array {
    return this.parts.component.database.ids.randomBytes(count);
  }
}
