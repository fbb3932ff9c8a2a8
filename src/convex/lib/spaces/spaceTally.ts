/** Counters of importance, tags and bytes of a space. */
import { checkCount } from "../bounds.ts";
import { BYTE_COUNTERS, spaceCounters, type Tally } from "../counters.ts";
import type { Doc } from "../model.ts";

const LEVELS = {
  critical: 90,
  high: 70,
  medium: 40,
  low: 10,
  trivial: -Infinity,
} as const;

/** This many tags cost a step about as much as a row. */
const TAGS_PER_ROW = 8;
/** Most tags of a memory: each has a counter, written in the transaction that stores the memory. */
const MAX_TAGS = 1000;

type Level = keyof typeof LEVELS;

/** Level of an importance, 0 to 100. */
function levelOf(importance: number): Level {
  const levels = Object.keys(LEVELS) as Level[];
  return levels.find((level) => importance >= LEVELS[level]) ?? "trivial";
}

/** Adds a memory's importance, tags and bytes to the counts (`by` 1) or removes them (-1). */
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
  tally.add(group, BYTE_COUNTERS.memories, bytes);
}

/** Rows of a step's budget that a memory takes, because every tag has a counter. */
export function rowsTaken({ tags }: Pick<Doc<"memories">, "tags">): number {
  return Math.max(1, tags.length / TAGS_PER_ROW);
}

/** Refuses more tags than a memory may have. Throws `LIMIT_EXCEEDED`. */
export function checkTags(tags: readonly string[] = []): void {
  checkCount("tags", tags.length, MAX_TAGS);
}

/** The most frequent tags with their counts; ties in alphabetical order. */
export function topTags(
  counts: ReadonlyMap<string, number>,
  most: number,
): [tag: string, count: number][] {
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most);
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
