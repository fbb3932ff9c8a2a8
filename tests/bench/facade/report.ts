/** The table of what was measured, and by how much it grew. */
import type { Time } from "./times.ts";

/** Remembers that are started together; each stores two memories. */
export const REMEMBERS_AT_ONCE = 100;
/** A binary logarithm grows from 10 to 16.6 between a thousand and a hundred thousand. */
const LOG_GROWTH = 1.67;

/** What was measured of a store that holds so many memories. */
export interface Row {
  store: string;
  memories: number;
  /** Of one, when a hundred are started together; the best of several hundreds. */
  remember: Time;
  firstRecallMs: number;
  p50: Time;
  p95: Time;
  requests: string;
}

/** Formats what was measured. */
export function report(rows: readonly Row[]): string {
  const ms = ({ cpuMs, wallMs }: Time) =>
    `${cpuMs.toFixed(2)} (${wallMs.toFixed(2)}) ms`;
  const lines = [
    "CPU time, in brackets time by the clock.",
    "",
    `| store | memories | a remember of ${REMEMBERS_AT_ONCE} | remembers/s | recall p50 | p95 | first recall | requests of ${REMEMBERS_AT_ONCE} remembers and of a recall |`,
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const row of rows) {
    lines.push(
      `| ${row.store} | ${row.memories} | ${ms(row.remember)} | ${
        (1000 / row.remember.wallMs).toFixed(0)
      } | ${ms(row.p50)} | ${ms(row.p95)} | ${
        row.firstRecallMs.toFixed(0)
      } ms | ${row.requests} |`,
    );
  }
  for (const store of new Set(rows.map((row) => row.store))) {
    const at = (memories: number) =>
      rows.find((row) => row.store === store && row.memories === memories);
    const [few, many] = [at(1000), at(100_000)];
    if (!few || !many) continue;
    const recall = many.p50.cpuMs / few.p50.cpuMs;
    const remember = many.remember.cpuMs / few.remember.cpuMs;
    lines.push(
      "",
      `${store}, growth from 1,000 to 100,000 (at most ${LOG_GROWTH}): recall ${
        recall.toFixed(2)
      } times, remember ${remember.toFixed(2)} times`,
    );
  }
  return lines.join("\n");
}
