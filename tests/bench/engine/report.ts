import type { Figures } from "./reads.ts";

/** What one run says of one engine at one size; size 0: whatever the sizes. */
export interface Line {
  engine: string;
  size: number;
  figures: Figures;
}

/** A bound that a figure must keep. */
interface Target {
  name: string;
  /** Undefined when it was not measured. */
  value: number | undefined;
  bound: number;
  /** Whether less is better. */
  atMost: boolean;
}

const READS = ["get", "unique", "take(10)", "page of 20"];

/** Tables of all figures and the targets, in Markdown. */
export function report(runtime: string, lines: readonly Line[]): string {
  const find = (engine: string, size: number, name: string) =>
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
      const [memory, file, mock, raw] = ["memory", "file", "mock", "raw"].map(
        (engine) => find(engine, size, name),
      );
      if ([memory, file, mock, raw].every((value) => value === undefined)) {
        continue;
      }
      const ours = memory ?? file;
      const peer = mock ?? raw;
      rows.push([
        name,
        size === 0 ? "10000" : String(size),
        shown(memory, name),
        shown(file, name),
        shown(mock, name),
        shown(raw, name),
        ours === undefined || peer === undefined
          ? ""
          : name.includes("/s")
          ? `${(ours / peer * 100).toFixed(0)} %`
          : `${(peer / ours).toFixed(1)} ×`,
      ]);
    }
  }
  const targets = targetsOf(find).map(({ name, value, bound, atMost }) => {
    const isMet = value !== undefined &&
      (atMost ? value <= bound : value >= bound);
    return [
      name,
      `${atMost ? "at most" : "at least"} ${bound}`,
      value === undefined ? "not measured" : round(value),
      value === undefined ? "" : isMet ? "met" : "MISSED",
    ];
  });
  return [
    `## ${runtime}`,
    "",
    "Median ms of a call, unless the name says otherwise.",
    "",
    table([
      "",
      "documents",
      "ours in memory",
      "ours in a file",
      "convex-test",
      "SQLite alone",
      "ratio",
    ], rows),
    "",
    table(["target", "bound", "measured", ""], targets),
  ].join("\n");
}

function targetsOf(
  find: (engine: string, size: number, name: string) => number | undefined,
): Target[] {
  const ratio = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a / b;
  const times = (name: string) =>
    ratio(find("mock", 10_000, name), find("memory", 10_000, name));
  const growth = (engine: string, name: string) =>
    ratio(find(engine, 100_000, name), find(engine, 1000, name));
  return [
    // A binary logarithm grows from 10 to 16.6 between a thousand and a hundred thousand.
    ...["memory", "file"].flatMap((engine) =>
      READS.map((name) => ({
        name: `${name}, ${engine}: growth from 1k to 100k, times`,
        value: growth(engine, name),
        bound: 1.67,
        atMost: true,
      }))
    ),
    {
      name: "text search: growth from 10k to 100k, times",
      value: ratio(
        find("memory", 100_000, "text search"),
        find("memory", 10_000, "text search"),
      ),
      bound: 12,
      atMost: true,
    },
    ...["unique", "take(10)", "page of 20"].map((name) => ({
      name: `${name} at 10k: times faster than convex-test`,
      value: times(name),
      bound: 500,
      atMost: false,
    })),
    {
      name: "text search at 10k: times faster than convex-test",
      value: times("text search"),
      bound: 20,
      atMost: false,
    },
    {
      name: "vector search at 10k: times faster than convex-test",
      value: times("vector search"),
      bound: 5,
      atMost: false,
    },
    {
      name: "group-committed inserts: share of SQLite alone, %",
      value: percent(
        ratio(
          find("file", 0, "durable inserts, 64 at once, /s"),
          find("raw", 0, "durable inserts, 64 at once, /s"),
        ),
      ),
      bound: 50,
      atMost: false,
    },
    {
      name: "file of 100k: opening to first indexed read, ms",
      value: find("file", 100_000, "open to first read"),
      bound: 300,
      atMost: true,
    },
    {
      name: "100k vectors: filtered search, ms",
      value: find("file", 100_000, "vector search, a tenth"),
      bound: 25,
      atMost: true,
    },
  ];
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : share * 100;
}

function shown(value: number | undefined, name: string): string {
  if (value === undefined) return "";
  return name.includes("/s") ? value.toFixed(0) : round(value);
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
