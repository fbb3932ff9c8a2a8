import { EngineError } from "../errors.ts";
import { jsonToValue } from "../values/json.ts";
import type { JsonValue, Value } from "../values/types.ts";
import { newCaller } from "./caller.ts";
import type { Target } from "./call_types.ts";
import type { Calls } from "./calls.ts";
import { type CronSchedule, nextRun } from "./cron_schedule.ts";
import { functionAddress } from "./function_address.ts";
import { rowPrefix } from "./keys.ts";
import type { DueSource, Scheduler } from "./scheduler.ts";
import type { Transaction } from "./transaction.ts";

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
  name: string;
  json: CronJson;
  nextMs: number;
}

/**
 * The jobs that `crons.ts` exports. A run that was missed while the engine was closed is made up for once. Mutations run
 * exactly once for each time, actions at most once; a job whose last run goes on is left out.
 */
export class Crons implements DueSource {
  readonly #calls: Calls;
  readonly #scheduler: Scheduler;
  readonly #log: (message: string, error?: unknown) => void;
  readonly #crons: Cron[] = [];
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

  /** Reads the default export of the app's module `crons`, and when each job runs next. Throws `INVALID_CRON`. */
  async load(): Promise<void> {
    const { app } = this.#calls.components;
    const exported = await app.registry.defaultExport("crons");
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
    await this.#calls.transaction(app, true, (transaction) => {
      for (const [name, json] of Object.entries(crons)) {
        this.#crons.push({
          name,
          json,
          nextMs: this.#next(transaction, name, json),
        });
      }
    });
  }

  startDue(nowMs: number): void {
    for (const cron of this.#crons) {
      if (cron.nextMs > nowMs) continue;
      const { name } = cron;
      cron.nextMs = nextRun(cron.json.schedule, nowMs, name);
      if (this.#running.has(name)) {
        this.#log(`cron job "${name}" is left out: its last run goes on`);
        continue;
      }
      this.#running.add(name);
      this.#scheduler.track(`cron ${name}`, async () => {
        try {
          await this.#run(cron);
        } finally {
          this.#running.delete(name);
        }
      });
    }
  }

  nextMs(): number {
    return Math.min(Infinity, ...this.#crons.map(({ nextMs }) => nextMs));
  }

  #next(transaction: Transaction, name: string, json: CronJson): number {
    const schedule = JSON.stringify(json.schedule);
    const row = transaction.rows.get(cronKey(name));
    if (row !== undefined) {
      const stored = JSON.parse(row) as CronRow;
      if (stored.schedule === schedule) return stored.nextMs;
    }
    const nextMs = nextRun(json.schedule, transaction.startMs, name);
    note(transaction, name, json, nextMs);
    return nextMs;
  }

  async #run({ name, json, nextMs }: Cron): Promise<void> {
    const { app } = this.#calls.components;
    const args: Value = jsonToValue(json.args[0] ?? {});
    const frame = { caller: newCaller(), depth: 0 };
    let action: Target | undefined;
    try {
      await this.#calls.transaction(app, true, async (transaction) => {
        note(transaction, name, json, nextMs);
        try {
          const address = functionAddress(json.name, "");
          const target = await this.#scheduler.findAny(address);
          if (target.definition.type === "action") action = target;
          else await this.#calls.within(transaction, target, args, frame);
        } catch (error) {
          // What it wrote is gone; the next time stays noted.
          this.#failed(name, error);
        }
      });
      if (action) await this.#calls.act(action, args, frame);
    } catch (error) {
      this.#failed(name, error);
    }
  }

  #failed(name: string, error: unknown): void {
    this.#log(`Error when running cron job "${name}"`, error);
  }
}

function note(
  transaction: Transaction,
  name: string,
  { schedule }: CronJson,
  nextMs: number,
): void {
  const row: CronRow = { schedule: JSON.stringify(schedule), nextMs };
  transaction.rows.put(cronKey(name), JSON.stringify(row));
}

/** Names are ASCII: `cronJobs()` refuses others. */
function cronKey(name: string): string {
  return rowPrefix("c", 0) + name;
}
