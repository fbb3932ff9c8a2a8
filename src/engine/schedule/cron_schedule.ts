import { EngineError } from "../../errors.ts";

/** When a cron job runs, as `cronJobs()` of `convex/server` keeps it. */
export type CronSchedule =
  | { type: "interval"; seconds?: number; minutes?: number; hours?: number }
  | { type: "hourly"; minuteUTC?: number }
  | { type: "daily"; hourUTC: number; minuteUTC?: number }
  | { type: "weekly"; dayOfWeek: string; hourUTC: number; minuteUTC?: number }
  | { type: "monthly"; day: number; hourUTC: number; minuteUTC?: number }
  | { type: "cron"; cron: string };

const DAYS = "sun mon tue wed thu fri sat".split(" ");
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Days to search: even 29 February occurs within nine years, the gap around a skipped leap year. */
const MAX_DAYS = 9 * 366;

/** A field of a cron expression: its range of numbers, and names for them from `min` on. */
interface CronField {
  min: number;
  max: number;
  names?: readonly string[];
}

const MINUTE: CronField = { min: 0, max: 59 };
const HOUR: CronField = { min: 0, max: 23 };
const DATE: CronField = { min: 1, max: 31 };
const MONTH: CronField = { min: 1, max: 12, names: MONTHS };
/** Sunday is 0 or 7. */
const WEEKDAY: CronField = { min: 0, max: 7, names: DAYS };

/** The minutes, hours and days that a job runs at, in UTC. */
interface Fields {
  minutes: Set<number>;
  hours: Set<number>;
  /** Whether it runs on a day. */
  hasDay(day: Date): boolean;
}

/**
 * The first time after `afterMs` at which a job runs, in ms since 1970; Infinity if never. Intervals count from
 * `afterMs`.
 *
 * @param name Determines the minute if none is given, to spread jobs over the hour.
 */
export function nextRun(
  schedule: CronSchedule,
  afterMs: number,
  name: string,
): number {
  if (schedule.type === "interval") {
    const { seconds = 0, minutes = 0, hours = 0 } = schedule;
    return afterMs + seconds * SECOND_MS + (minutes + hours * 60) * MINUTE_MS;
  }
  const { minutes, hours, hasDay } = fieldsOf(schedule, name);
  const first = Math.floor(afterMs / MINUTE_MS) + 1;
  let day = Math.floor(first * MINUTE_MS / DAY_MS) * DAY_MS;
  for (let count = 0; count < MAX_DAYS; count++, day += DAY_MS) {
    if (!hasDay(new Date(day))) continue;
    for (let hour = 0; hour < 24; hour++) {
      if (!hours.has(hour)) continue;
      for (let minute = 0; minute < 60; minute++) {
        const at = day + (hour * 60 + minute) * MINUTE_MS;
        if (minutes.has(minute) && at >= first * MINUTE_MS) return at;
      }
    }
  }
  return Infinity;
}

function fieldsOf(
  schedule: Exclude<CronSchedule, { type: "interval" }>,
  name: string,
): Fields {
  if (schedule.type === "cron") return parseCron(schedule.cron);
  const minutes = new Set([schedule.minuteUTC ?? minuteOf(name)]);
  const hours = schedule.type === "hourly"
    ? range(HOUR.min, HOUR.max, 1)
    : new Set([schedule.hourUTC]);
  const hasDay = schedule.type === "weekly"
    ? (day: Date) =>
      DAYS[day.getUTCDay()] === schedule.dayOfWeek.slice(0, 3).toLowerCase()
    : schedule.type === "monthly"
    ? (day: Date) => day.getUTCDate() === schedule.day
    : () => true;
  return { minutes, hours, hasDay };
}

/** A minute derived from a name by a hash. */
function minuteOf(name: string): number {
  let hash = 0;
  for (const char of name) hash = hash * 31 + char.codePointAt(0)! >>> 0;
  return hash % 60;
}

/**
 * Reads `minute hour day-of-month month day-of-week` with `*`, `,`, `-`, `/` and English names; Sunday is 0 or 7. When
 * both days are restricted, either is enough, as in other crons. Throws `INVALID_CRON`.
 */
function parseCron(text: string): Fields {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) {
    throw invalid(text, `five fields, got ${parts.length}`);
  }
  const [minute = "", hour = "", date = "", month = "", weekday = ""] = parts;
  const minutes = parseField(text, minute, MINUTE);
  const hours = parseField(text, hour, HOUR);
  const dates = parseField(text, date, DATE);
  const months = parseField(text, month, MONTH);
  const weekdays = new Set(
    [...parseField(text, weekday, WEEKDAY)].map((day) => day % 7),
  );
  const isEveryDate = /^[*?]/.test(date);
  const isEveryWeekday = /^[*?]/.test(weekday);
  return {
    minutes,
    hours,
    hasDay: (day) => {
      if (!months.has(day.getUTCMonth() + 1)) return false;
      const isDate = dates.has(day.getUTCDate());
      const isWeekday = weekdays.has(day.getUTCDay());
      return isEveryDate || isEveryWeekday
        ? isDate && isWeekday
        : isDate || isWeekday;
    },
  };
}

function parseField(
  text: string,
  part: string,
  field: CronField,
): Set<number> {
  const values = new Set<number>();
  for (const item of part.split(",")) {
    for (const value of parseItem(text, item, field)) values.add(value);
  }
  return values;
}

/** The values of one item of a field: a number, a range or every value, with or without a step. */
function parseItem(text: string, item: string, field: CronField): Set<number> {
  const match = /^([*?]|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item);
  if (!match) {
    throw invalid(text, `a field like 1,5-10 or */15, got "${item}"`);
  }
  const [, from = "", to, step] = match;
  const isEvery = from === "*" || from === "?";
  const low = isEvery ? field.min : numberOf(text, from, field);
  const high = to !== undefined
    ? numberOf(text, to, field)
    : isEvery || step !== undefined
    ? field.max
    : low;
  if (high < low || Number(step ?? 1) < 1) {
    throw invalid(text, `a range that goes up, got "${item}"`);
  }
  return range(low, high, Number(step ?? 1));
}

function numberOf(
  text: string,
  word: string,
  { min, max, names = [] }: CronField,
): number {
  const at = names.indexOf(word.slice(0, 3).toLowerCase());
  const value = /^\d+$/.test(word) ? Number(word) : at < 0 ? NaN : min + at;
  if (value >= min && value <= max) return value;
  throw invalid(text, `values from ${min} to ${max}, got "${word}"`);
}

function range(low: number, high: number, step: number): Set<number> {
  const values = new Set<number>();
  for (let value = low; value <= high; value += step) values.add(value);
  return values;
}

function invalid(text: string, expected: string): EngineError {
  return new EngineError(
    "INVALID_CRON",
    `cron ${JSON.stringify(text.slice(0, 80))}: expected ${expected}`,
  );
}
