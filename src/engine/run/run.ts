import type { ActionLife } from "./action_life.ts";
import type { Caller } from "./caller.ts";
import type { Component } from "../components/components.ts";
import type { Meter } from "../limits/meter.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { Unawaited } from "./unawaited.ts";

/** Bytes that seed a run's random numbers. */
const SEED_BYTES = 12;

/** What a run is made of. */
export interface RunParts {
  /** What runs. */
  kind: "query" | "mutation" | "action" | "httpAction";
  /** Where the function belongs. */
  component: Component;
  /** Its name, `module:export`; empty for a function given inline. */
  name: string;
  /** Whether it may be called from outside. */
  isPublic: boolean;
  /** On whose behalf. */
  caller: Caller;
  /** Functions around it, itself included. */
  depth: number;
  /** Its view of the data; actions have none. */
  transaction: Transaction | undefined;
  /** Gives it up. */
  signal: AbortSignal | undefined;
  /** Whether the files that it stores and reads count in no limit. Default false. */
  hasFreeFiles?: boolean;
  /** Of an action: how long it may run. */
  life?: ActionLife | undefined;
}

/** One function while it runs. */
export class Run {
  /** What it is made of. */
  readonly parts: RunParts;
  /** Its `ctx`. */
  context: unknown;
  /** What its function has promised, until it is asked whether that can still settle. Of an outermost one. */
  promised: unknown;
  /** By what the host knows which code is part of it. */
  hold: { letGo(): void } | undefined;
  /** Of an action: what it has asked for and not got yet. */
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
   * Whether it is a query, a mutation or part of one: `fetch` and timers are refused in it, time stands still, and random
   * numbers come from a seed.
   */
  get isTransactional(): boolean {
    return this.parts.transaction !== undefined;
  }

  /** What counts the files that it stores and reads: in mutations. */
  get fileMeter(): Meter | undefined {
    const { transaction, hasFreeFiles } = this.parts;
    return hasFreeFiles ? undefined : transaction?.meter;
  }

  /** When it, or the outermost transaction around it, began, in ms. */
  get startMs(): number {
    return this.parts.transaction!.startMs;
  }

  /** What it has assigned to globals, where each function has its own. */
  get globals(): Map<string, unknown> {
    return this.#globals ??= new Map();
  }

  /** When the timers of its console were started, by their labels. */
  get timers(): Map<string, number> {
    return this.#timers ??= new Map();
  }

  /** Its random numbers. */
  get random(): SeededRandom {
    return this.#random ??= new SeededRandom(
      this.parts.component.database.ids.randomBytes(SEED_BYTES),
    );
  }
}
