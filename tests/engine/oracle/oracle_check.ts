import { assert, assertEquals } from "@std/assert";
import type { RangeQuery, Ranking } from "./oracle_model.ts";

/** What answers queries and actions: an engine, or a client of one. */
export interface Answering {
  query(name: string, args: { [name: string]: unknown }): Promise<unknown>;
}

/** Tags of a range, read page by page. */
export async function pages(
  engine: Answering,
  range: RangeQuery,
  numItems: number,
): Promise<number[]> {
  const all: number[] = [];
  let cursor: string | null = null;
  while (true) {
    const page = await engine.query("oracle:page", {
      range,
      numItems,
      cursor,
    }) as unknown as {
      page: number[];
      isDone: boolean;
      continueCursor: string;
    };
    all.push(...page.page);
    if (page.isDone) return all;
    assertEquals(page.page.length, numItems);
    cursor = page.continueCursor;
  }
}

/** Results are equal, and rankings are in an order that the model's scores allow. */
export function assertAgrees(
  actual: unknown,
  expected: unknown,
  input: unknown,
): void {
  const note = () =>
    JSON.stringify(
      input,
      (_key, value) => typeof value === "bigint" ? `${value}n` : value,
    );
  if (isRanking(expected)) {
    const tags = actual as number[];
    const { scores, limit = scores.size } = expected;
    assertEquals(tags.length, Math.min(limit, scores.size), note());
    assertEquals(new Set(tags).size, tags.length, note());
    const strangers = tags.filter((tag) => !scores.has(tag));
    assertEquals(strangers, [], note());
    for (let at = 1; at < tags.length; at++) {
      const better = scores.get(tags[at - 1]!)!;
      const worse = scores.get(tags[at]!)!;
      assert(
        better >= worse - 1e-6,
        `${tags[at - 1]} (${better}) before ${tags[at]} (${worse}): ${note()}`,
      );
    }
    const given = new Set(tags);
    const least = Math.min(...tags.map((tag) => scores.get(tag)!));
    for (const [tag, score] of scores) {
      assert(
        given.has(tag) || score <= least + 1e-6,
        `${tag} (${score}) is not among those down to ${least}: ${note()}`,
      );
    }
  } else if (
    Array.isArray(expected) &&
    expected.some((part) => isRanking(part) || Array.isArray(part))
  ) {
    const parts = actual as unknown[];
    assertEquals(parts.length, expected.length, note());
    expected.forEach((part, at) => assertAgrees(parts[at], part, input));
  } else {
    assertEquals(actual, expected, note());
  }
}

function isRanking(value: unknown): value is Ranking {
  return typeof value === "object" && value !== null && "scores" in value;
}
