import { EngineError } from "../../errors.ts";
import { jsonToValue } from "../../values/json.ts";
import { prefixEnd } from "../../values/key.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { newCaller } from "../run/caller.ts";
import type { Target } from "../calls/call_types.ts";
import type { Calls } from "../calls/calls.ts";
import type { Component } from "../components/components.ts";
import { type CronSchedule, nextRun } from "./cron_schedule.ts";
import { functionAddress } from "../functions/function_address.ts";
import { rowPrefix } from "../keys.ts";
import { isGivenUp } from "../run/watchdog.ts";
import { Retries } from "./retries.ts";
import type { DueSource, Scheduler } from "./scheduler.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** A job as `cronJobs()` keeps it. */
interface CronJson {
  name: string;
  args: JsonValue[];
  schedule: CronSchedule;
}

/** Stored state of a job: when it runs next, as long as its schedule stays the same. */
interface CronRow {
  schedule: string;
  nextMs: number;
  /** When `nextMs` was computed. Missing in rows of earlier versions. */
  sinceMs?: number;
}

/** A clock set back by less than this was a little ahead, one set back by more was wrong; as in other crons. */
const SET_BACK_MS = 3 * 60 * 60 * 1000;

/** What a component without `crons.ts` has. */
const NO_CRONS: {
  isCrons?: boolean | undefined;
  crons: { [name: string]: CronJson };
} = { isCrons: true, crons: {} };

/** When a job runs. */
interface CronTimes {
  nextMs: number;
  /** When that was computed. */
  sinceMs: number;
}

/** One job. */
interface Cron extends CronTimes {
  component: Component;
  name: string;
  /** Its name, preceded by the path of its component, if it is not the app's. */
  label: string;
  key: string;
  json: CronJson;
}

/**
 * The jobs that `crons.ts` of the app and of each component exports. Runs missed while the engine was closed are made
 * up for by one run. Mutations run exactly once for each time, actions at most once; a job is skipped while its last
 * run is in progress.
 */
export class Crons implements DueSource {
  readonly #calls: Calls;
  readonly #scheduler: Scheduler;
  readonly #log: (message: string, error?: unknown) => void;
  #crons: Cron[] = [];
  readonly #running: Set<string> = new Set();
  readonly #now: () => number;
  readonly #retries: Retries = new Retries();

  /** Begins without jobs. Takes the clock, and a log for failures. */
  constructor(
    calls: Calls,
    scheduler: Scheduler,
    now: () => number,
    log: (message: string, error?: unknown) => void,
  ) {
    this.#calls = calls;
    this.#scheduler = scheduler;
    this.#now = now;
    this.#log = log;
  }

  /** Takes the jobs of a component. Logs errors: those of one component are none of the others'. */
  async add(component: Component): Promise<void> {
    try {
      await this.#load(component);
      this.#scheduler.wake();
    } catch (error) {
      const whose = component.path === "" ? "the app" : component.path;
      this.#log(`cron jobs of ${whose} do not run`, error);
    }
  }

  /**
   * Replaces the jobs of a component by those of its module `crons`, reads when each runs next, and forgets that of
   * jobs that are gone. Logs a job whose schedule says nothing, and leaves it out. Throws `INVALID_CRON` for no jobs.
   */
  async #load(component: Component): Promise<void> {
    const { path, registry } = component;
    const exported = await registry.defaultExport("crons");
    this.#crons = this.#crons.filter((cron) => cron.component.path !== path);
    const { isCrons, crons } = (exported ?? NO_CRONS) as typeof NO_CRONS;
    if (!isCrons) {
      throw new EngineError(
        "INVALID_CRON",
        "crons.ts must export the result of cronJobs() by default",
      );
    }
    await this.#calls.transaction(
      { component, writable: true },
      (transaction) => {
        const keys = new Set<string>();
        for (const [name, json] of Object.entries(crons)) {
          const label = path === "" ? name : `${path}/${name}`;
          const key = cronKey(path, name);
          keys.add(key);
          const cron = { component, name, label, key, json };
          try {
            const times = nextTimes(transaction, cron);
            this.#crons.push({ ...cron, ...times });
          } catch (error) {
            if (!(error instanceof EngineError)) throw error;
            this.#log(`cron job "${label}" does not run`, error);
          }
        }
        forgetOthers(transaction, path, keys);
      },
    );
  }

  startDue(nowMs: number): void {
    for (const cron of this.#crons) {
      followClock(cron, nowMs);
      if (cron.nextMs > nowMs) continue;
      const { name, label } = cron;
      const { schedule } = cron.json;
      // An interval counts from when the run was due, not from when the timer fired, unless it is late by a whole one.
      const nextMs = nextRun(schedule, cron.nextMs, name);
      cron.nextMs = nextMs > nowMs ? nextMs : nextRun(schedule, nowMs, name);
      cron.sinceMs = nowMs;
      if (this.#running.has(label)) {
        this.#log(`cron job "${label}" is left out: its last run goes on`);
        continue;
      }
      this.#running.add(label);
      this.#scheduler.track(`cron ${label}`, async () => {
        try {
          await this.#run(cron);
          this.#retries.done(label);
        } catch (error) {
          // The store has refused to record the run, so it was rolled back: retry, at its next time at the latest.
          const retryMs = this.#retries.failed(label, this.#now());
          cron.nextMs = Math.min(cron.nextMs, retryMs);
          throw error;
        } finally {
          this.#running.delete(label);
        }
      });
    }
  }

  nextMs(nowMs: number): number {
    for (const cron of this.#crons) followClock(cron, nowMs);
    return Math.min(Infinity, ...this.#crons.map(({ nextMs }) => nextMs));
  }

  async #run(cron: Cron): Promise<void> {
    const { component, label, json } = cron;
    const args: Value = jsonToValue(json.args[0] ?? {});
    const frame = { caller: newCaller(), depth: 0 };
    let action: Target | undefined;
    try {
      await this.#calls.transaction(
        { component, writable: true },
        async (transaction) => {
          note(transaction, cron);
          try {
            const address = functionAddress(json.name, component.path);
            const target = await this.#calls.targets.findAny(address);
            if (target.definition.type === "action") action = target;
            else await this.#calls.within(transaction, target, args, frame);
          } catch (error) {
            // The job's writes are rolled back, but the next time stays recorded.
            this.#failed(label, error);
          }
        },
      );
    } catch (error) {
      if (!isGivenUp(error)) throw error;
      this.#failed(label, error);
      await this.#calls.transaction(
        { component, writable: true },
        (transaction) => note(transaction, cron),
      );
    }
    if (!action) return;
    try {
      await this.#calls.act(action, args, frame);
    } catch (error) {
      this.#failed(label, error);
    }
  }

  #failed(name: string, error: unknown): void {
    this.#log(`Error when running cron job "${name}"`, error);
  }
}

/** When a job runs next: as recorded, if its schedule is unchanged. */
function nextTimes(
  transaction: Transaction,
  cron: Omit<Cron, keyof CronTimes>,
): CronTimes {
  const { name, key, json } = cron;
  const { startMs } = transaction;
  const row = transaction.rows.get(key);
  if (row !== undefined) {
    const { schedule, nextMs, sinceMs = startMs } = JSON.parse(row) as CronRow;
    if (schedule === JSON.stringify(json.schedule)) return { nextMs, sinceMs };
  }
  // As on Convex, an interval begins with a run.
  const isFirst = row === undefined && json.schedule.type === "interval";
  const nextMs = isFirst ? startMs : nextRun(json.schedule, startMs, name);
  const times = { nextMs, sinceMs: startMs };
  note(transaction, { ...cron, ...times });
  return times;
}

/**
 * Moves up a next run that a clock set back would delay: of an interval, which then counts from now, and of any other
 * job if the clock was wrong by hours. If it was only a little ahead, no job must run twice for one time.
 */
function followClock(cron: Cron, nowMs: number): void {
  const { name, json: { schedule }, sinceMs } = cron;
  const isWrong = schedule.type === "interval"
    ? nowMs < sinceMs
    : nowMs < sinceMs - SET_BACK_MS;
  if (!isWrong) return;
  cron.nextMs = Math.min(cron.nextMs, nextRun(schedule, nowMs, name));
  cron.sinceMs = nowMs;
}

function note(
  transaction: Transaction,
  { key, json, nextMs, sinceMs }: Pick<Cron, "key" | "json" | keyof CronTimes>,
): void {
  const schedule = JSON.stringify(json.schedule);
  const row: CronRow = { schedule, nextMs, sinceMs };
  transaction.rows.put(key, JSON.stringify(row));
}

/** Removes the rows of a component's jobs but these: a job that is added again later must not run at an old time. */
function forgetOthers(
  { rows }: Transaction,
  path: string,
  kept: ReadonlySet<string>,
): void {
  const start = cronKey(path, "");
  for (const { key } of [...rows.scan({ start, end: prefixEnd(start) })]) {
    if (!kept.has(key)) rows.put(key, undefined);
  }
}

/** Names are ASCII: `cronJobs()` refuses others. */
function cronKey(path: string, name: string): string {
  return path === ""
    ? rowPrefix("c", 0) + name
    : `${rowPrefix("c", 1)}${path}\0${name}`;
}
