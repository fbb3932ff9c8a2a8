import { EngineError } from "../errors.ts";
import type { SyncStore } from "../store/types.ts";
import { CommitTsPlaceholder } from "../values/commit_ts.ts";
import type { Value } from "../values/types.ts";
import type {
  CallFrame,
  CallOutcome,
  CallSettings,
} from "./calls/call_types.ts";
import { newCaller } from "./run/caller.ts";
import { ActionLives } from "./run/action_lives.ts";
import { Calls } from "./calls/calls.ts";
import { type ChangeGate, EngineChanges } from "./gates/change_gate.ts";
import { ChangeLog } from "./gates/change_log.ts";
import { UserTables } from "./gates/user_tables.ts";
import { Commits } from "./transaction/commits.ts";
import {
  type Component,
  Components,
  type EngineComponent,
} from "./components/components.ts";
import { asItIs } from "./context/as_it_is.ts";
import type { Deployment, TransactionOptions } from "./context/context_host.ts";
import { Crons } from "./schedule/crons.ts";
import type { FunctionAddress } from "./functions/function_address.ts";
import type { FunctionType } from "./functions/functions.ts";
import { type EngineLimits, resolveLimits } from "./limits/limits.ts";
import { LiveQueries } from "./live/live_queries.ts";
import type { RunLive } from "./live/live_types.ts";
import { readCatalogRow } from "./components/open_catalog.ts";
import { Preloader } from "./preloader.ts";
import { SerialQueue } from "./transaction/queue.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import type { Timers } from "./timers.ts";
import { Scrubber } from "./scrubber.ts";
import { SearchCaches } from "./search/search_caches.ts";
import { sweepAnswers } from "./transaction/session_requests.ts";
import type { Transaction } from "./transaction/transaction.ts";
import { dropOldUploads, hasUploads } from "./files/uploads.ts";
import { type Rejections, StrayRejections } from "./run/stray_rejections.ts";
import { Watchdog, type WatchdogHost } from "./run/watchdog.ts";

/** Options of an engine, with defaults filled in. */
export interface CoreOptions {
  /** Where the data lives. */
  store: SyncStore;
  /** The app. */
  app: EngineComponent;
  /** Its components, by path. */
  components: { [path: string]: EngineComponent };
  /** The time in ms since 1970. */
  now: () => number;
  /** Fills bytes with unpredictable ones. */
  random: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Limits that differ from Convex's. */
  limits: Partial<EngineLimits> | undefined;
  /** The host's timers; undefined: scheduled functions wait for an engine that has them. */
  timers: Timers | undefined;
  /** Timers for time limits; undefined: there are none. */
  watchdog?: WatchdogHost | undefined;
  /** How the host reports unhandled rejections; undefined: it handles them itself. */
  rejections?: Rejections | undefined;
  /** Returns a promise when it is time to yield to the event loop; undefined: it never yields. */
  turn?: (() => Promise<void> | undefined) | undefined;
  /** The host's timers, for preloading search indexes; undefined: they are not preloaded. */
  preload?: Timers | undefined;
  /** Whether cron jobs run. */
  hasCrons: boolean;
  /** The part of the deployment that functions see. */
  deployment: Deployment;
  /** Translates a thrown value for callers outside of the engine. */
  outward: (error: unknown, name: string) => unknown;
  /** Receives messages for operators. */
  log: (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    error?: unknown,
  ) => void;
}

/** Assembles an engine's parts. Its users decide who may call which function. */
export class EngineCore {
  /** Where the data lives. */
  readonly store: SyncStore;
  /** The app and its components. */
  readonly components: Components;
  /** Runs functions. */
  readonly calls: Calls;
  /** Timestamps and history of commits. */
  readonly commits: Commits;
  /** Live queries. */
  readonly live: LiveQueries;
  /** Runs scheduled calls; undefined without timers. */
  readonly scheduler: Scheduler | undefined;
  /** The time in ms since 1970. */
  readonly now: () => number;
  /** Resolves once scheduled calls and cron jobs are running; rejects if they cannot. */
  readonly started: Promise<void>;
  readonly #queue: SerialQueue;
  readonly #tables: UserTables;
  readonly #log: ChangeLog;
  readonly #running: Set<Promise<unknown>> = new Set();
  readonly #preloader: Preloader | undefined;
  readonly #watchdog: Watchdog | undefined;
  #crons: Crons | undefined;
  #closing: Promise<void> | undefined;

  /** Opens the app and its components. Throws as `openEngine` does; the store is closed then. */
  constructor(options: CoreOptions) {
    const { store, deployment, timers } = options;
    this.store = store;
    // Read outside of functions: one with its own globals may have replaced the clock.
    this.now = deployment.behaviour.hasOwnGlobals
      ? () => this.calls?.runner.scope.outside(options.now) ?? options.now()
      : options.now;
    const caches = new SearchCaches(store);
    const { beginning } = deployment.behaviour;
    this.commits = new Commits(store, caches, this.now, beginning);
    this.#queue = new SerialQueue(() => caches.flush(), options.turn);
    try {
      this.components = this.#openComponents(options, caches);
      this.#tables = new UserTables(this.components);
      this.#log = new ChangeLog(store, this.now, this.#tables);
    } catch (error) {
      closeQuietly(store);
      throw error;
    }
    this.commits.observeTs(this.#log.latest ?? 0n);
    this.commits.extendBy((ops, ts) => this.#log.extend(ops, ts));
    sweepAnswers(store, this.commits, this.now);
    this.calls = new Calls(
      this.components,
      this.#queue,
      this.now,
      deployment,
      (job) => this.scheduler?.wake(job),
    );
    for (const component of this.components.all()) {
      this.#useEnvironment(component);
    }
    this.#watchdog = this.#limitTime(options.watchdog);
    const { runner } = this.calls;
    if (options.rejections && runner.scope.isExact) {
      runner.strays = new StrayRejections(options.rejections, runner.scope);
    }
    this.#cleanUp(options.log);
    const { preload } = options;
    if (preload && store.capabilities.preload) {
      this.#preloader = new Preloader(
        caches,
        this.components,
        this.#queue,
        preload,
      );
    }
    this.live = this.#followQueries(options);
    this.scheduler = timers && new Scheduler(
      this.calls,
      timers,
      this.now,
      (message, error) => options.log("error", message, error),
    );
    this.started = this.#start(options);
    this.started.catch(() => {});
  }

  #openComponents(options: CoreOptions, caches: SearchCaches): Components {
    const { store, deployment, log } = options;
    const { behaviour, commitTs } = deployment;
    // Called outside of functions, whose random numbers come from a seed, perhaps the very seed that is being drawn.
    const random = (bytes: Uint8Array<ArrayBuffer>) =>
      this.calls.runner.scope.outside(() => options.random(bytes));
    const components = new Components({
      store,
      row: readCatalogRow(store),
      ids: () => behaviour.ids(random),
      caches,
      limits: resolveLimits({ ...behaviour.limits, ...options.limits }),
      commits: this.commits,
      commitTs: commitTs ?? ownCommitTs(),
      behaviour,
      loading: (load, env) => this.calls.runner.scope.loading(load, env),
      log: (message) => log("info", message),
    });
    components.addAll({ "": options.app, ...options.components });
    return components;
  }

  /** Limits the time of transactions and actions, if there are timers. */
  #limitTime(timers: WatchdogHost | undefined): Watchdog | undefined {
    const { transactionMs, actionMs } =
      this.components.app.database.catalog.limits;
    if (!timers) return undefined;
    if (actionMs < Infinity) {
      this.calls.runner.lives = new ActionLives(timers, actionMs);
    }
    return transactionMs < Infinity
      ? new Watchdog(this.#queue, timers, transactionMs)
      : undefined;
  }

  /** Erases the bytes of deleted documents from the store. */
  #cleanUp(log: CoreOptions["log"]): void {
    const warn = (message: string) => log("warn", message);
    new Scrubber(this.store, this.#queue, this.commits, this.now, warn);
  }

  #followQueries({ outward, turn: pause }: CoreOptions): LiveQueries {
    const follow: RunLive = async (
      call,
      reads,
      turn,
    ) => {
      const result = await this.calls.follow(call, reads, turn);
      if (result.ok) return result;
      return { ...result, error: outward(result.error, call.name) };
    };
    return new LiveQueries(follow, this.#queue, this.commits, pause);
  }

  /** Runs a function from outside. Rejects with what it throws. */
  async run(
    type: FunctionType | "any",
    address: FunctionAddress,
    args: unknown,
    settings: CallSettings = {},
  ): Promise<CallOutcome> {
    this.assertOpen(address.name);
    const { signal, identity = null, logLines, sender } = settings;
    signal?.throwIfAborted();
    const around = this.#around();
    const found = this.calls.targets.find(address, type);
    // The caller may change its object before the module is loaded, or its turn comes.
    const isLater = found instanceof Promise || around !== undefined;
    const given = isLater ? asItIs(args) : args;
    const target = found instanceof Promise ? await this.track(found) : found;
    const frame = {
      caller: newCaller({
        ...sender,
        identity,
        logLines,
        home: target.component.path,
      }),
      depth: 0,
      signal,
    };
    if (target.definition.type === "action") {
      const value = await this.track(this.calls.act(target, given, frame));
      return this.#outcome(value, frame);
    }
    if (around) {
      // The calling function waits for this call, whose own turn would come only after it: it must run inside.
      const { transaction, depth } = around;
      const nested = { ...frame, depth };
      const call = () => this.calls.within(transaction, target, given, nested);
      const isQuery = target.definition.type === "query";
      const value = await (isQuery ? call() : transaction.inTurn(call));
      return this.#outcome(value, frame);
    }
    try {
      // Not tracked: `close` waits for the queue.
      return await this.calls.transact(target, given, frame, settings);
    } finally {
      this.#preload();
    }
  }

  /**
   * Runs work in a transaction: its own when its turn comes, or that of the function which the calling code is part of.
   */
  async inTransaction<T>(
    options: Omit<TransactionOptions, "signal" | "limits">,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const around = this.#around();
    if (!around) {
      return await this.track(this.calls.transaction(options, work));
    }
    const { component: { database }, writable } = options;
    const inside = async () => {
      const transaction = around.transaction.child({ writable, database });
      try {
        const result = await work(transaction);
        if (writable) transaction.commit();
        return result;
      } finally {
        transaction.close();
      }
    };
    return await (writable ? around.transaction.inTurn(inside) : inside());
  }

  /** Documents and their changes, for keeping a copy elsewhere. */
  get changes(): ChangeGate {
    return new EngineChanges(this.calls, this.commits, this.#log, this.#tables);
  }

  /** Adds a component. Its tables are stored by the next commit. */
  addComponent(path: string, parts: EngineComponent): Component {
    const component = this.components.add(path, parts);
    this.#useEnvironment(component);
    if (this.#crons) this.track(this.#crons.add(component));
    return component;
  }

  #useEnvironment({ env }: Component): void {
    if (env) this.calls.runner.scope.useEnvironments();
  }

  /** Keeps the engine open until a promise settles. */
  async track<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise);
    try {
      return await promise;
    } finally {
      this.#running.delete(promise);
      this.#preload();
    }
  }

  /** Called only when a call has ended, so that preloading does not delay the first answer. */
  #preload(): void {
    this.#preloader?.start();
  }

  /** Throws `ENGINE_CLOSED` when the engine is closed, or closing. */
  assertOpen(name: string): void {
    if (!this.#closing) return;
    throw new EngineError(
      "ENGINE_CLOSED",
      `the engine is closed; cannot run ${String(name).slice(0, 80)}`,
    );
  }

  /** Refuses new calls, waits for those in progress, then closes the store. */
  close(): Promise<void> {
    return this.#closing ??= (async () => {
      this.live.close();
      this.scheduler?.stop();
      this.#preloader?.stop();
      await Promise.allSettled(this.#running);
      await this.scheduler?.idle();
      await this.#queue.idle();
      this.#watchdog?.stop();
      this.calls.runner.lives?.stop();
      this.calls.runner.strays?.stop();
      this.calls.runner.scope.close();
      this.commits.close();
      this.store.close();
    })();
  }

  /** The transaction of the function that the calling code is part of. */
  #around(): { transaction: Transaction; depth: number } | undefined {
    const { scope } = this.calls.runner;
    if (!scope.isExact) return undefined;
    const { transaction, depth } = scope.current()?.parts ?? {};
    return transaction?.isOpen ? { transaction, depth: depth! } : undefined;
  }

  #outcome(value: Value, { caller: { logLines } }: CallFrame): CallOutcome {
    return { value, logLines, ts: this.commits.latest };
  }

  async #start({ hasCrons, log }: CoreOptions): Promise<void> {
    const { scheduler } = this;
    if (!scheduler) return;
    await scheduler.start();
    if (hasUploads(this.store)) {
      await this.calls.transaction(
        { component: this.components.app, writable: true },
        ({ rows }) => dropOldUploads(rows, this.now()),
      );
    }
    if (!hasCrons || this.#closing) return;
    const crons = new Crons(
      this.calls,
      scheduler,
      this.now,
      (message, error) => log("warn", message, error),
    );
    for (const component of this.components.all()) await crons.add(component);
    this.#crons = crons;
    scheduler.add(crons);
  }
}

/** Closes a store that cannot be used, as no other code holds it. */
function closeQuietly(store: SyncStore): void {
  try {
    store.close();
  } catch {
    // The error about opening it is the more useful one.
  }
}

function ownCommitTs(): () => object {
  const commitTs = new CommitTsPlaceholder();
  return () => commitTs;
}
