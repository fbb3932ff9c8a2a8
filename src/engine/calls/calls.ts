import type { Value } from "../../values/types.ts";
import { abortable } from "../run/abortable.ts";
import type { ActionLife } from "../run/action_life.ts";
import type {
  CallFrame,
  CallOutcome,
  CallSettings,
  Target,
} from "./call_types.ts";
import { newCaller } from "../run/caller.ts";
import type { TransactionClock } from "../behaviour.ts";
import type { Components } from "../components/components.ts";
import { asItIs } from "../context/as_it_is.ts";
import {
  type ContextHost,
  type Deployment,
  inTransaction,
  type RunOptions,
  type TransactionOptions,
} from "../context/context_host.ts";
import { FunctionRunner } from "./function_runner.ts";
import type { FunctionType } from "../functions/functions.ts";
import { cancelJob, type NewJob } from "../jobs/jobs.ts";
import type { LiveCall, LiveResult } from "../live/live_types.ts";
import { Overlay } from "../transaction/overlay.ts";
import type { SerialQueue } from "../transaction/queue.ts";
import type { ReadSet } from "../transaction/read_set.ts";
import type { Run } from "../run/run.ts";
import { findAnswer, keepAnswer } from "../transaction/session_requests.ts";
import { scheduleCall } from "../jobs/schedule_call.ts";
import { Targets } from "./targets.ts";
import {
  type Database,
  type PageJournal,
  Transaction,
  type TransactionStart,
} from "../transaction/transaction.ts";
import { Turn } from "../transaction/turn.ts";

/** Runs functions: those called from outside and those that they call. */
export class Calls implements ContextHost {
  /** The part of the deployment that functions see. */
  readonly deployment: Deployment;
  /** The app and its components. */
  readonly components: Components;
  /** Finds functions. */
  readonly targets: Targets;
  /** Runs the code of functions. */
  readonly runner: FunctionRunner;
  readonly #queue: SerialQueue;
  readonly #now: () => number;
  readonly #clock: TransactionClock;
  readonly #onSchedule: (job?: NewJob) => void;

  /**
   * Runs the functions of components over their data, transactions one after another. `onSchedule` is called when the
   * scheduled calls have changed.
   */
  constructor(
    components: Components,
    queue: SerialQueue,
    now: () => number,
    deployment: Deployment,
    onSchedule: (job?: NewJob) => void,
  ) {
    this.components = components;
    this.deployment = deployment;
    this.targets = new Targets(components, deployment.behaviour);
    const { commits } = components.app.database;
    this.#clock = deployment.behaviour.clock(now, commits);
    this.#queue = queue;
    this.#now = now;
    this.#onSchedule = onSchedule;
    this.runner = new FunctionRunner(this);
  }

  /** The handle of a function that a run refers to. Throws `FUNCTION_NOT_FOUND` unless missing ones have handles. */
  handle(run: Run, reference: unknown): Promise<string> {
    return this.targets.handle(run, reference);
  }

  /** Runs a query or a mutation as a transaction of its own, when its turn comes. */
  transact(
    target: Target,
    args: unknown,
    frame: CallFrame,
    settings: Pick<
      CallSettings,
      "journal" | "ts" | "request" | "onCommit" | "inTurn"
    > = {},
  ): Promise<CallOutcome> {
    // Copied now: the caller may change its object before the turn comes.
    const copy = target.component.values.args(target.definition, args);
    const { store, commits } = target.component.database;
    const { journal, ts, request, onCommit, inTurn } = settings;
    const writable = target.definition.type === "mutation";
    const turn = new Turn(frame.signal);
    const run = async (): Promise<CallOutcome> => {
      const { identity } = frame.caller;
      const made = { identity, name: target.definition.name, args: copy };
      const done = request && findAnswer(store, request, made);
      if (done) return done;
      const transaction = this.#begin(target.component.database, {
        startMs: this.#clock.beginMs(),
        writable,
        journal,
        ts,
        ofModule: true,
      });
      turn.transaction = transaction;
      try {
        const value = await abortable(
          this.runner.invoke(target, copy, frame, transaction),
          frame.signal,
        );
        const { logLines } = frame.caller;
        if (!writable) return { value, logLines, ts: ts ?? commits.latest };
        const next = commits.next();
        const resolved = transaction.resolved(value, next);
        const outcome = { value: resolved, logLines, ts: next };
        if (request) {
          keepAnswer(transaction, request, made, outcome, this.#now());
        }
        const committed = transaction.commit(outcome.ts);
        this.#clock.committed(next);
        onCommit?.(committed);
        return { ...outcome, ts: committed };
      } finally {
        transaction.close();
      }
    };
    return this.#queue.run(inTurn ? () => inTurn(run) : run, turn);
  }

  /**
   * Called when a scheduled mutation is marked as begun or ended within its transaction, whose clock advances in some
   * behaviours.
   */
  noteJob(transaction: Transaction): void {
    if (!this.#clock.jobNoted) return;
    this.#clock.jobNoted();
    transaction.startMs = this.#clock.beginMs();
  }

  /** Begins a transaction; when it ends, its runs no longer count as active, even those that still wait. */
  #begin(
    database: Database,
    start: TransactionStart,
  ): Transaction {
    const transaction = Transaction.begin(database, start);
    transaction.runs = this.runner.scope;
    return transaction;
  }

  /** Runs a live query, recording what it reads. Only within a turn of the queue. Never rejects. */
  async follow(
    call: LiveCall,
    reads: ReadSet,
    turn: Turn,
  ): Promise<LiveResult> {
    const { component: path = "", name, args, identity, journal } = call;
    const page: PageJournal = journal === null ? {} : { endCursor: journal };
    const { database, values } = this.components.find(path) ??
      this.components.app;
    const transaction = this.#begin(database, {
      startMs: this.#now(),
      writable: false,
      journal: page,
      rows: new Overlay(database.store, undefined, reads),
    });
    turn.transaction = transaction;
    const caller = newCaller({ identity });
    const { logLines } = caller;
    try {
      const mustBePublic = !call.mayCallInternal;
      const address = { component: path, name, mustBePublic };
      const found = this.targets.find(address, "query");
      const target = found instanceof Promise ? await found : found;
      const value = await this.runner.invoke(
        target,
        values.args(target.definition, args),
        { caller, depth: 0 },
        transaction,
      );
      return { ok: true, value, logLines, journal: page.endCursor ?? null };
    } catch (error) {
      const { code } = Object(error) as { code?: unknown };
      if (journal !== null && code === "INVALID_CURSOR") {
        // A journal comes from outside, perhaps from an earlier version of the function: start afresh.
        return await this.follow({ ...call, journal: null }, reads, turn);
      }
      return { ok: false, error, logLines, journal };
    } finally {
      transaction.close();
    }
  }

  /**
   * Runs work in a transaction of its own, when its turn comes. Writes are committed when the work resolves; the
   * returned promise resolves when they are durable.
   */
  transaction<T>(
    { component, writable, signal, limits, ts }: TransactionOptions,
    work: (transaction: Transaction) => T | Promise<T>,
  ): Promise<T> {
    const turn = new Turn(signal);
    return this.#queue.run(async () => {
      const startMs = this.#clock.beginMs();
      const { commits } = component.database;
      const start = { startMs, writable, limits, ts };
      const transaction = this.#begin(component.database, start);
      turn.transaction = transaction;
      try {
        const result = await work(transaction);
        if (!writable) return result;
        const next = commits.next();
        const committed = transaction.commit(next);
        this.#clock.committed(next);
        return transaction.resolved(result, committed);
      } finally {
        transaction.close();
      }
    }, turn);
  }

  /** Runs a query or a mutation inside a transaction. When it throws, only its own writes are rolled back. */
  async within(
    parent: Transaction,
    target: Target,
    args: unknown,
    frame: CallFrame,
  ): Promise<Value> {
    const { component: { database, values }, definition } = target;
    values.checkDepth(frame.depth + 1);
    const copy = values.args(definition, args, true);
    const transaction = parent.child({
      writable: definition.type === "mutation",
      ofModule: true,
      limits: frame.limits,
      database,
    });
    try {
      const result = await this.runner.invoke(target, copy, frame, transaction);
      if (transaction.writable) transaction.commit();
      return result;
    } finally {
      transaction.close();
    }
  }

  /** Runs an action. It is not a transaction, but each query and mutation that it calls is one. */
  act(target: Target, args: unknown, frame: CallFrame): Promise<Value> {
    target.component.values.checkDepth(frame.depth + 1);
    const copy = target.component.values.args(target.definition, args);
    const run = (life?: ActionLife) =>
      this.runner.invoke(target, copy, { ...frame, life }, undefined);
    return abortable(this.runner.limited(run), frame.signal);
  }

  /** Runs a function that a running function calls. */
  async called(
    run: Run,
    type: FunctionType,
    reference: unknown,
    args: unknown = {},
    options: RunOptions = {},
  ): Promise<Value> {
    const { caller, signal, life } = run.parts;
    life?.assertAlive();
    const given = asItIs(args);
    const { transaction, depth } = this.#around(run, type).parts;
    const address = this.targets.address(run, reference);
    const frame = { caller, depth, signal, limits: options.transactionLimits };
    if (transaction) {
      return await transaction.inTurn(async () => {
        const found = this.targets.find(address, type);
        const target = found instanceof Promise ? await found : found;
        return await (options.useStaleSnapshot && type === "query"
          ? this.#beside(transaction, target, given, frame)
          : this.within(transaction, target, given, frame));
      });
    }
    const got = run.unawaited?.add(type);
    try {
      const { behaviour } = this.deployment;
      if (behaviour.beforeCall) {
        await behaviour.beforeCall(type, () => this.targets.reload(address));
      }
      const found = this.targets.find(address, type);
      const target = found instanceof Promise ? await found : found;
      if (type === "action") return await this.act(target, given, frame);
      const own = { ...frame, depth: 0 };
      return (await this.transact(target, given, own)).value;
    } finally {
      got?.();
    }
  }

  /**
   * The run that a call becomes part of: usually the one whose `ctx` it is made with. If the calling code belongs to a
   * run inside that one, it becomes part of the inner run: otherwise its turn would come only after the inner run,
   * which waits for it.
   */
  #around(run: Run, type: FunctionType): Run {
    const { scope } = this.runner;
    const inner = scope.isExact ? scope.current() : undefined;
    const { transaction } = run.parts;
    const around = inner?.parts.transaction;
    if (!transaction || !around?.isInside(transaction)) return run;
    const mayBePart = around.isOpen && (type === "query" || around.writable);
    return mayBePart ? inner! : run;
  }

  /** Runs a query on the committed data, without the writes of the transaction around it. */
  async #beside(
    transaction: Transaction,
    target: Target,
    args: unknown,
    frame: CallFrame,
  ): Promise<Value> {
    const snapshot = transaction.beside(target.component.database);
    try {
      return await this.within(snapshot, target, args, frame);
    } finally {
      snapshot.close();
    }
  }

  /** Schedules a call of a mutation or an action. */
  async schedule(
    run: Run,
    reference: unknown,
    args: unknown,
    timeMs: number,
  ): Promise<string> {
    const call = {
      address: this.targets.address(run, reference),
      args: asItIs(args),
      timeMs,
    };
    const got = run.unawaited?.add("schedule");
    try {
      return await scheduleCall(this, run, call, this.#onSchedule);
    } finally {
      got?.();
    }
  }

  /** Cancels a scheduled call. */
  async unschedule(run: Run, id: string): Promise<void> {
    const { caller, component } = run.parts;
    if (
      run.isTransactional && id === caller.scheduledFunctionId &&
      component.path === caller.scheduledIn &&
      this.deployment.behaviour.cancelsWhatFollows
    ) throw new Error("A mutation cannot cancel itself");
    await inTransaction({ host: this, run, writable: true }, (transaction) => {
      cancelJob(transaction, id);
      transaction.afterCommit(this.#onSchedule);
    });
  }

  /** The time in ms since 1970, as a run sees it. */
  nowOf({ parts: { transaction } }: Run): number {
    return transaction ? transaction.startMs : this.#now();
  }
}
