/**
 * Random rows and questions (`CORTEX_TEST_SEED` replays them): recall finds exactly the rows that a plain filter over
 * all of them keeps.
 */
import { assertEquals } from "@std/assert";
import type { Engine } from "../../src/engine/engine.ts";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import { tokenise } from "../../src/convex/lib/text/text.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
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

type Row = ReturnType<typeof randomRow>;
type Question = ReturnType<typeof randomQuestion>;

function randomRow(random: Random, at: number) {
  const { below, pick } = random;
  return {
    isFact: below(10) < 3,
    id: `row-${at}`,
    tenantId: pick(TENANTS),
    memorySpaceId: pick(SPACES),
    now: 1000 + below(5),
    userId: pick(USERS),
    tags: someTags(random),
    level: below(3) * 50,
    text: `${pick(WORDS)} ${pick(WORDS)}`,
    isActive: below(10) < 8,
  };
}

function someTags({ below }: Random): string[] {
  return TAGS.filter(() => below(10) < 4);
}

async function store(engine: Engine, row: Row): Promise<void> {
  const { id, text, tenantId, now, memorySpaceId, tags, userId } = row;
  const scope = { now, ...(tenantId !== undefined && { tenantId }) };
  const more = {
    memorySpaceId,
    tags,
    ...(userId !== undefined && { userId }),
  };
  if (row.isFact) {
    const one = fact(id, text, { ...more, confidence: row.level });
    await addFacts(engine, [one], scope);
    if (row.isActive) return;
    await engine.mutation("fixture:retireFact", { factId: id });
    return;
  }
  const one = memory(id, text, { ...more, importance: row.level });
  await addMemories(engine, [one], scope);
  if (row.isActive) return;
  await engine.mutation("fixture:patchMemory", {
    memoryId: id,
    changes: { isActive: false, archivedAt: NOW },
  });
}

function randomQuestion(random: Random) {
  const { below, pick } = random;
  const seldom = () => below(10) < 3;
  const tenantId = pick(TENANTS);
  return {
    ...(tenantId !== undefined && { tenantId }),
    memorySpaceId: pick(SPACES),
    ...(seldom() && { userId: pick(["u1", "u2"]) }),
    ...(seldom() && { tags: someTags(random) }),
    ...(seldom() && { minImportance: 50 }),
    ...(seldom() && { minConfidence: 50 }),
    ...(seldom() && { createdAfter: 1002 }),
    ...(seldom() && { createdBefore: 1003 }),
  };
}

/** Whether a row is one that the question asks for, whatever its words. */
function isAskedFor(row: Row, question: Question): boolean {
  const { userId, tags = [], createdAfter = 0, createdBefore = Infinity } =
    question;
  const { minConfidence = 0, minImportance = 0 } = question;
  return row.isActive && row.tenantId === question.tenantId &&
    row.memorySpaceId === question.memorySpaceId &&
    (userId === undefined || row.userId === userId) &&
    (tags.length === 0 || tags.some((tag) => row.tags.includes(tag))) &&
    row.now >= createdAfter && row.now <= createdBefore &&
    row.level >= (row.isFact ? minConfidence : minImportance);
}

async function round(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const engine = openBackend();
  try {
    const rows = Array.from({ length: 60 }, (_, at) => randomRow(random, at));
    for (const row of rows) await store(engine, row);
    for (let at = 0; at < 40; at++) {
      const question = randomQuestion(random);
      const text = `${random.pick(WORDS)} and ${random.pick(WORDS)}`;
      const stems = new Set(parseQuery(text).stems);
      const expected = rows.filter((row) =>
        isAskedFor(row, question) &&
        tokenise(row.text).some((stem) => stems.has(stem))
      );
      const found = ids(await ask(engine, text, { ...question, limit: 100 }));
      assertEquals(
        found.toSorted(),
        expected.map(({ id }) => id).toSorted(),
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
