import { type Best, median } from "./measure.ts";
import { SAME_FEW } from "./reads.ts";

/** What one run says of one engine at one size; size 0: whatever the sizes. */
export interface Line {
  engine: string;
  size: number;
  figures: { [name: string]: Best };
}

/** A bound that a figure must keep. */
interface Target {
  name: string;
  /** Undefined when it was not measured. */
  value: number | undefined;
  /** The same of objects in a Map: what the machine does to every engine. */
  floor?: number | undefined;
  bound: number;
  /** Whether less is better. */
  atMost: boolean;
}

type Find = (engine: string, size: number, name: string) => Best | undefined;

const READS = ["get", "unique", "take(10)", "page of 20"];
/** What waits for a disk is measured by the clock. */
const BY_CLOCK = /durable|open/;
/** A binary logarithm grows from 10 to 16.6 between a thousand and a hundred thousand. */
const LOG_GROWTH = 1.67;

/** Tables of all figures and the targets, in Markdown. */
export function report(runtime: string, lines: readonly Line[]): string {
  const find: Find = (engine, size, name) =>
    lines.filter((line) => line.engine === engine && line.size === size)
      .map(({ figures }) => figures[name]).find((value) => value !== undefined);
  const sizes = [...new Set(lines.map(({ size }) => size))]
    .filter((size) => size > 0).sort((a, b) => a - b);
  const names = [
    ...new Set(lines.flatMap(({ figures }) => Object.keys(figures))),
  ];
  const rows: string[][] = [];
  for (const name of names) {
    for (const size of name.includes("durable") ? [0] : sizes) {
      const all = ["memory", "file", "mock", "raw", "bare"].map(
        (engine) => find(engine, size, name),
      );
      if (all.every((best) => best === undefined)) continue;
      const [memory, file, mock, raw] = all.map((best) => ms(best, name));
      const ours = memory ?? file;
      const peer = mock ?? raw;
      rows.push([
        name,
        size === 0 ? "10000" : String(size),
        ...all.map((best) => shown(best, name)),
        ours === undefined || peer === undefined
          ? ""
          : `${(peer / ours).toFixed(peer > 9.95 * ours ? 0 : 1)} ×`,
      ]);
    }
  }
  const targets = targetsOf(find).map(
    ({ name, value, floor, bound, atMost }) => {
      const isMet = value !== undefined &&
        (atMost ? value <= bound : value >= bound);
      return [
        name,
        `${atMost ? "at most" : "at least"} ${bound}`,
        value === undefined ? "not measured" : round(value),
        floor === undefined ? "" : round(floor),
        value === undefined ? "" : isMet ? "met" : "MISSED",
      ];
    },
  );
  return [
    `## ${runtime}`,
    "",
    "ms of CPU time a call, in brackets ms by the clock, of the best batch; durable inserts and opening by the clock.",
    "",
    table([
      "",
      "documents",
      "ours in memory",
      "ours in a file",
      "convex-test",
      "SQLite alone",
      "objects in a Map",
      "peer / ours",
    ], rows),
    "",
    table(["target", "bound", "measured", "objects in a Map", ""], targets),
  ].join("\n");
}

function targetsOf(find: Find): Target[] {
  const ratio = (a: Best | undefined, b: Best | undefined, name: string) =>
    a === undefined || b === undefined
      ? undefined
      : ms(a, name)! / ms(b, name)!;
  const times = (name: string) =>
    ratio(find("mock", 10_000, name), find("memory", 10_000, name), name);
  const growth = (engine: string, name: string, from = 1000) =>
    ratio(find(engine, 100_000, name), find(engine, from, name), name);
  const atLeast = (name: string, bound: number): Target => ({
    name: `${name} at 10k: times faster than convex-test`,
    value: times(name),
    bound,
    atMost: false,
  });
  return [
    ...["memory", "file"].flatMap((engine) =>
      READS.flatMap((read) => [read, read + SAME_FEW]).map((name) => ({
        name: `${name}, ${engine}: growth from 1k to 100k, times`,
        value: growth(engine, name),
        floor: growth("bare", name),
        bound: LOG_GROWTH,
        atMost: true,
      }))
    ),
    {
      name: "text search: growth from 10k to 100k, times",
      value: growth("memory", "text search", 10_000),
      bound: 12,
      atMost: true,
    },
    ...["unique", "take(10)", "page of 20"].map((name) => atLeast(name, 500)),
    atLeast("text search", 20),
    atLeast("vector search", 5),
    {
      name: "group-committed inserts: share of SQLite's rate, %",
      value: percent(
        ratio(
          find("raw", 0, "durable inserts, 64 at once"),
          find("file", 0, "durable inserts, 64 at once"),
          "durable",
        ),
      ),
      bound: 50,
      atMost: false,
    },
    {
      name: "file of 100k: opening to first indexed read, ms",
      value: ms(find("file", 100_000, "open to first read"), "open"),
      bound: 300,
      atMost: true,
    },
    {
      name: "100k vectors: filtered search, p50 of all calls, ms",
      value: median(find("file", 100_000, "vector search, a tenth")?.eachMs),
      bound: 25,
      atMost: true,
    },
  ];
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : share * 100;
}

/** The time that counts for a figure. */
function ms(best: Best | undefined, name: string): number | undefined {
  return BY_CLOCK.test(name) ? best?.wallMs : best?.cpuMs;
}

function shown(best: Best | undefined, name: string): string {
  if (best === undefined) return "";
  return BY_CLOCK.test(name)
    ? round(best.wallMs)
    : `${round(best.cpuMs)} (${round(best.wallMs)})`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function table(head: string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, at) => at === 0 ? "---" : "---:")),
    ...rows.map(line),
  ].join("\n");
}
