/**
 * Random rows and questions (`CORTEX_TEST_SEED` replays them): recall finds exactly the rows that a plain filter over
 * all of them keeps.
 */
import { assertEquals } from "@std/assert";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import { tokenise } from "../../src/convex/lib/text/text.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import {
  addFacts,
  addMemories,
  ask,
  fact,
  ids,
  memory,
  NOW,
  openBackend,
} from "./backend.ts";

const WORDS = "boat lake harbour bread oven kite wind lamp".split(" ");
const TENANTS = [undefined, "a", "b"] as const;
const SPACES = ["space-1", "space-2"] as const;
const USERS = [undefined, "u1", "u2"] as const;
const TAGS = ["red", "blue"] as const;

async function round(seed: number): Promise<void> {
  const { below, pick } = seededRandom(seed);
  const random = () => below(1000) / 1000;
  const some = <Item>(items: readonly Item[]) =>
    items.filter(() => random() < 0.4);
  const engine = openBackend();
  try {
    const rows = Array.from({ length: 60 }, (_, at) => ({
      isFact: random() < 0.3,
      id: `row-${at}`,
      tenantId: pick(TENANTS),
      memorySpaceId: pick(SPACES),
      now: 1000 + Math.floor(random() * 5),
      userId: pick(USERS),
      tags: some(TAGS),
      level: Math.floor(random() * 3) * 50,
      text: `${pick(WORDS)} ${pick(WORDS)}`,
      isActive: random() < 0.8,
    }));
    for (const row of rows) {
      const { tenantId, now, memorySpaceId, tags } = row;
      const scope = { now, ...(tenantId !== undefined && { tenantId }) };
      const more = {
        memorySpaceId,
        tags,
        ...(row.userId !== undefined && { userId: row.userId }),
      };
      if (row.isFact) {
        const one = fact(row.id, row.text, { ...more, confidence: row.level });
        await addFacts(engine, [one], scope);
        if (!row.isActive) {
          await engine.mutation("fixture:retireFact", { factId: row.id });
        }
      } else {
        const one = memory(row.id, row.text, {
          ...more,
          importance: row.level,
        });
        await addMemories(engine, [one], scope);
        if (!row.isActive) {
          await engine.mutation("fixture:patchMemory", {
            memoryId: row.id,
            changes: { isActive: false, archivedAt: NOW },
          });
        }
      }
    }
    for (let at = 0; at < 40; at++) {
      const tenantId = pick(TENANTS);
      const question = {
        ...(tenantId !== undefined && { tenantId }),
        memorySpaceId: pick(SPACES),
        ...(random() < 0.3 && { userId: pick(["u1", "u2"]) }),
        ...(random() < 0.3 && { tags: some(TAGS) }),
        ...(random() < 0.3 && { minImportance: 50 }),
        ...(random() < 0.3 && { minConfidence: 50 }),
        ...(random() < 0.3 && { createdAfter: 1002 }),
        ...(random() < 0.3 && { createdBefore: 1003 }),
      };
      const text = `${pick(WORDS)} and ${pick(WORDS)}`;
      const stems = new Set(parseQuery(text).stems);
      const expected = rows.filter((row) =>
        row.isActive && row.tenantId === tenantId &&
        row.memorySpaceId === question.memorySpaceId &&
        (question.userId === undefined || row.userId === question.userId) &&
        (!question.tags?.length ||
          question.tags.some((tag) => row.tags.includes(tag))) &&
        row.now >= (question.createdAfter ?? 0) &&
        row.now <= (question.createdBefore ?? Infinity) &&
        row.level >=
          ((row.isFact ? question.minConfidence : question.minImportance) ??
            0) &&
        tokenise(row.text).some((stem) => stems.has(stem))
      ).map((row) => row.id);
      const found = ids(await ask(engine, text, { ...question, limit: 100 }));
      assertEquals(
        found.toSorted(),
        expected.toSorted(),
        `seed ${seed}, question ${at}: ${text} ${JSON.stringify(question)}`,
      );
    }
  } finally {
    await engine.close();
  }
}

Deno.test("recall finds exactly what a plain filter keeps, whatever the rows", async () => {
  const first = testSeed();
  const rounds = Math.max(1, Math.round(100 * testScale()));
  for (let at = 0; at < rounds; at++) await round(first + at);
});
