import { EngineError } from "../../errors.ts";
import { jsonToValue } from "../../values/json.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { newCaller } from "../calls/caller.ts";
import type { Target } from "../calls/call_types.ts";
import type { Calls } from "../calls/calls.ts";
import type { Component } from "../components.ts";
import { type CronSchedule, nextRun } from "./cron_schedule.ts";
import { functionAddress } from "../calls/function_address.ts";
import { rowPrefix } from "../keys.ts";
import type { DueSource, Scheduler } from "./scheduler.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** A job as `cronJobs()` keeps it. */
interface CronJson {
  name: string;
  args: JsonValue[];
  schedule: CronSchedule;
}

/** What is stored of a job: when it runs next, as long as its schedule stays the same. */
interface CronRow {
  schedule: string;
  nextMs: number;
}

/** One job. */
interface Cron {
  component: Component;
  name: string;
  /** Its name among all: with the path of the component, if it is one's. */
  label: string;
  key: string;
  json: CronJson;
  nextMs: number;
}

/**
 * The jobs that `crons.ts` of the app and of each component exports. A run that was missed while the engine was closed is made up for once. Mutations run
 * exactly once for each time, actions at most once; a job whose last run goes on is left out.
 */
export class Crons implements DueSource {
  readonly #calls: Calls;
  readonly #scheduler: Scheduler;
  readonly #log: (message: string, error?: unknown) => void;
  #crons: Cron[] = [];
  readonly #running: Set<string> = new Set();

  /** Begins without jobs. */
  constructor(
    calls: Calls,
    scheduler: Scheduler,
    log: (message: string, error?: unknown) => void,
  ) {
    this.#calls = calls;
    this.#scheduler = scheduler;
    this.#log = log;
  }

  /**
   * Reads the default export of a component's module `crons`, and when each job runs next. Its earlier jobs are gone.
   * Throws `INVALID_CRON`.
   */
  async load(component: Component): Promise<void> {
    const { path, registry } = component;
    const exported = await registry.defaultExport("crons");
    this.#crons = this.#crons.filter((cron) => cron.component.path !== path);
    if (exported === undefined) return;
    const { isCrons, crons } = exported as {
      isCrons?: boolean;
      crons: { [name: string]: CronJson };
    };
    if (!isCrons) {
      throw new EngineError(
        "INVALID_CRON",
        "crons.ts must export the result of cronJobs() by default",
      );
    }
    await this.#calls.transaction(component, true, (transaction) => {
      for (const [name, json] of Object.entries(crons)) {
        const label = path === "" ? name : `${path}/${name}`;
        const key = cronKey(path, name);
        const cron = { component, name, label, key, json, nextMs: 0 };
        cron.nextMs = nextTime(transaction, cron);
        this.#crons.push(cron);
      }
    });
  }

  /** The same for a component that is added while the others' jobs run. */
  async add(component: Component): Promise<void> {
    try {
      await this.load(component);
      this.#scheduler.wake();
    } catch (error) {
      this.#log(`Cron jobs of "${component.path}" do not run`, error);
    }
  }

  startDue(nowMs: number): void {
    for (const cron of this.#crons) {
      if (cron.nextMs > nowMs) continue;
      const { name, label } = cron;
      cron.nextMs = nextRun(cron.json.schedule, nowMs, name);
      if (this.#running.has(label)) {
        this.#log(`cron job "${label}" is left out: its last run goes on`);
        continue;
      }
      this.#running.add(label);
      this.#scheduler.track(`cron ${label}`, async () => {
        try {
          await this.#run(cron);
        } finally {
          this.#running.delete(label);
        }
      });
    }
  }

  nextMs(): number {
    return Math.min(Infinity, ...this.#crons.map(({ nextMs }) => nextMs));
  }

  async #run(cron: Cron): Promise<void> {
    const { component, label, json } = cron;
    const args: Value = jsonToValue(json.args[0] ?? {});
    const frame = { caller: newCaller(), depth: 0 };
    let action: Target | undefined;
    try {
      await this.#calls.transaction(component, true, async (transaction) => {
        note(transaction, cron);
        try {
          const address = functionAddress(json.name, component.path);
          const target = await this.#calls.findAny(address);
          if (target.definition.type === "action") action = target;
          else await this.#calls.within(transaction, target, args, frame);
        } catch (error) {
          // What it wrote is gone; the next time stays noted.
          this.#failed(label, error);
        }
      });
      if (action) await this.#calls.act(action, args, frame);
    } catch (error) {
      this.#failed(label, error);
    }
  }

  #failed(name: string, error: unknown): void {
    this.#log(`Error when running cron job "${name}"`, error);
  }
}

/** When a job runs next: as it was noted, as long as its schedule stays the same. */
function nextTime(transaction: Transaction, cron: Cron): number {
  const { name, key, json } = cron;
  const row = transaction.rows.get(key);
  if (row !== undefined) {
    const stored = JSON.parse(row) as CronRow;
    if (stored.schedule === JSON.stringify(json.schedule)) return stored.nextMs;
  }
  const nextMs = nextRun(json.schedule, transaction.startMs, name);
  note(transaction, { ...cron, nextMs });
  return nextMs;
}

function note(transaction: Transaction, { key, json, nextMs }: Cron): void {
  const row: CronRow = { schedule: JSON.stringify(json.schedule), nextMs };
  transaction.rows.put(key, JSON.stringify(row));
}

/** Names are ASCII: `cronJobs()` refuses others. */
function cronKey(path: string, name: string): string {
  return path === ""
    ? rowPrefix("c", 0) + name
    : `${rowPrefix("c", 1)}${path}\0${name}`;
}
