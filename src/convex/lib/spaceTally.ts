/** What memories and facts add to the counters of their space. */
import { spaceCounters, type Tally } from "./counters.ts";
import type { Doc } from "./model.ts";

const LEVELS = {
  critical: 90,
  high: 70,
  medium: 40,
  low: 10,
  trivial: -Infinity,
} as const;

type Level = keyof typeof LEVELS;

/** Level of an importance, 0 to 100. */
export function levelOf(importance: number): Level {
  const levels = Object.keys(LEVELS) as Level[];
  return levels.find((level) => importance >= LEVELS[level]) ?? "trivial";
}

/** Counts a memory's importance and tags in (`by` 1) or out (-1), and so many bytes. */
export function tallyMemory(
  tally: Tally,
  row: Pick<
    Doc<"memories">,
    "tenantId" | "memorySpaceId" | "importance" | "tags"
  >,
  by: 1 | -1,
  bytes: number,
): void {
  const group = spaceCounters(row, row.memorySpaceId);
  tally.add(group, `importance:${levelOf(row.importance)}`, by);
  for (const tag of new Set(row.tags)) tally.add(group, `tag:${tag}`, by);
  tally.add(group, "memoryBytes", bytes);
}

/** Tags by frequency, then by alphabet. */
export function topTags(
  counts: ReadonlyMap<string, number>,
  most: number,
): string[] {
  return [...counts]
    .map(([key, count]) => [key.replace(/^tag:/, ""), count] as const)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most).map(([tag]) => tag);
}

/** Memories by level of importance. */
export function importanceLevels(
  counts: ReadonlyMap<string, number>,
): Record<Level, number> {
  const of = (level: Level) => counts.get(`importance:${level}`) ?? 0;
  return {
    critical: of("critical"),
    high: of("high"),
    medium: of("medium"),
    low: of("low"),
    trivial: of("trivial"),
  };
}
