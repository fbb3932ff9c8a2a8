/** Facts against a naive model: whatever is done to them, lists, counts, pages and histories tell the same. */
import { assert, assertEquals } from "@std/assert";
import { Cortex, type FactRecord } from "../../mod.ts";
import type { UniversalFactFilter } from "../../mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { codeOf } from "../support/code_of.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const ROUNDS = Math.max(2, Math.round(40 * testScale()));
const STEPS = 60;
const SPACES = ["one", "two"];
const SUBJECTS = ["ada", "Bob", undefined];
const OBJECTS = ["red", "blue"];
const TYPES = ["preference", "event"] as const;
const TAGS = ["x", "y", "z"];

/** What is known of every fact that was ever stored. */
interface Known {
  spaceOf: Map<string, string>;
  /** Facts that lists show. */
  standing: Set<string>;
  deleted: Set<string>;
  /** Successor by fact. */
  next: Map<string, string>;
}

async function step(
  cortex: Cortex,
  known: Known,
  { below, pick }: Random,
): Promise<void> {
  const memorySpaceId = pick(SPACES);
  const here = [...known.spaceOf].filter(([, space]) => space === memorySpaceId)
    .map(([id]) => id);
  const subject = pick(SUBJECTS);
  const object = pick(OBJECTS);
  const params = {
    memorySpaceId,
    fact: `${subject ?? "somebody"} likes ${object}`,
    factType: pick(TYPES),
    ...(subject !== undefined && { subject, predicate: "likes", object }),
    confidence: below(101),
    sourceType: "manual" as const,
    tags: TAGS.filter(() => below(2) === 0),
    ...(below(2) === 0 && { userId: pick(["u", "v"]) }),
    ...(below(3) === 0 && { metadata: { level: below(2) } }),
  };
  const added = (id: string) => {
    known.spaceOf.set(id, memorySpaceId);
    known.standing.add(id);
  };
  const replaced = (old: string, by: string) => {
    known.standing.delete(old);
    known.next.set(old, by);
  };
  const action = here.length < 4 ? 0 : below(7);
  if (action <= 1) {
    added((await cortex.facts.store(params)).factId);
  } else if (action === 2) {
    const { fact, wasUpdated, deduplication } = await cortex.facts
      .storeWithDedup(params, { deduplication: pick(["exact", "structural"]) });
    if (deduplication?.matchedExisting === false || wasUpdated) {
      added(fact.factId);
    }
    if (wasUpdated) replaced(fact.supersedes!, fact.factId);
  } else if (action === 3) {
    const id = pick(here);
    const head = headOf(known, id);
    const changing = cortex.facts.update(memorySpaceId, id, {
      confidence: below(101),
    });
    if (known.deleted.has(head)) {
      assertEquals(await codeOf(changing), "FACT_NOT_FOUND");
      return;
    }
    const fact = await changing;
    assertEquals(fact.supersedes, head);
    added(fact.factId);
    replaced(head, fact.factId);
  } else if (action === 4) {
    const id = pick(here);
    await cortex.facts.delete(memorySpaceId, id);
    known.standing.delete(id);
    known.deleted.add(id);
  } else if (action === 5) {
    const [oldFactId, newFactId] = [pick(here), pick(here)];
    const code = await codeOf(
      cortex.facts.supersede({ memorySpaceId, oldFactId, newFactId }),
    );
    const linked = known.next.get(oldFactId);
    const isCircle = oldFactId === newFactId ||
      successorsOf(known, newFactId).includes(oldFactId);
    const isTaken = linked !== undefined && linked !== newFactId;
    const isGone = oldFactId !== newFactId && linked !== newFactId &&
      known.deleted.has(newFactId);
    assertEquals(
      code,
      isGone
        ? "NEW_FACT_NOT_FOUND"
        : isCircle || isTaken
        ? "INVALID_UPDATE"
        : undefined,
    );
    if (code === undefined) replaced(oldFactId, newFactId);
  } else {
    const { fact, action, superseded } = await cortex.facts.revise({
      memorySpaceId,
      fact: params,
      ...(params.userId !== undefined && { userId: params.userId }),
    });
    if (action === "ADD" || action === "SUPERSEDE") added(fact.factId);
    for (const { factId } of superseded) replaced(factId, fact.factId);
    assertEquals(superseded.length > 0, action === "SUPERSEDE");
  }
}

function successorsOf(known: Known, id: string): string[] {
  const found: string[] = [];
  for (let at = known.next.get(id); at !== undefined; at = known.next.get(at)) {
    found.push(at);
  }
  return found;
}

function headOf(known: Known, id: string): string {
  return successorsOf(known, id).at(-1) ?? id;
}

function matches(row: FactRecord, filter: UniversalFactFilter): boolean {
  const { tags, tagMatch, minConfidence, metadata } = filter;
  const has = (tag: string) => row.tags.includes(tag);
  return (["factType", "subject", "object", "userId", "version"] as const)
    .every((name) =>
      filter[name] === undefined || filter[name] === row[name]
    ) &&
    (minConfidence === undefined || row.confidence >= minConfidence) &&
    (tags === undefined || tags.length === 0 ||
      (tagMatch === "all" ? tags.every(has) : tags.some(has))) &&
    (metadata === undefined || row.metadata !== undefined &&
        Object.entries(metadata).every(([key, value]) =>
          row.metadata![key] === value
        ));
}

async function compare(
  cortex: Cortex,
  known: Known,
  { below, pick }: Random,
): Promise<void> {
  const memorySpaceId = pick(SPACES);
  const all = await cortex.facts.list({
    memorySpaceId,
    includeSuperseded: true,
  });
  assertEquals(
    all.map(({ factId }) => factId).sort(),
    [...known.spaceOf].filter(([, space]) => space === memorySpaceId)
      .map(([id]) => id).sort(),
  );
  const subject = pick(SUBJECTS);
  const filter: UniversalFactFilter = {
    ...(below(3) === 0 && { factType: pick(TYPES) }),
    ...(below(3) === 0 && subject !== undefined && { subject }),
    ...(below(4) === 0 && { object: pick(OBJECTS) }),
    ...(below(4) === 0 && { userId: pick(["u", "v"]) }),
    ...(below(4) === 0 && { version: 1 + below(3) }),
    ...(below(3) === 0 && { minConfidence: below(101) }),
    ...(below(3) === 0 &&
      { tags: [pick(TAGS), pick(TAGS)], tagMatch: pick(["any", "all"]) }),
    ...(below(5) === 0 && { metadata: { level: below(2) } }),
    ...(below(3) === 0 && { includeSuperseded: true }),
  };
  const expected = all.filter((row) =>
    (filter.includeSuperseded || known.standing.has(row.factId)) &&
    matches(row, filter)
  );
  const where = JSON.stringify(filter);
  const inSpace = { ...filter, memorySpaceId };
  assertEquals(await cortex.facts.count(inSpace), expected.length, where);
  assertEquals(await cortex.facts.list(inSpace), expected, where);
  const sortOrder = pick(["asc", "desc"] as const);
  const offset = below(4);
  const limit = below(5);
  const page = await cortex.facts.list({
    ...inSpace,
    sortBy: "confidence",
    sortOrder,
    offset,
    limit,
  });
  const factor = sortOrder === "asc" ? 1 : -1;
  assertEquals(
    page.map(({ confidence }) => confidence),
    expected.map(({ confidence }) => confidence)
      .sort((a, b) => factor * (a - b)).slice(offset, offset + limit),
    where,
  );
  if (all.length === 0) return;
  const { factId } = pick(all);
  const history = await cortex.facts.getHistory(memorySpaceId, factId);
  assert(history.some((row) => row.factId === factId));
  const ids = history.map((row) => row.factId);
  assertEquals(new Set(ids).size, ids.length, "no fact twice");
  history.forEach((row, at) => {
    assertEquals(row.supersededBy, ids[at + 1], "each leads to the next");
  });
  assertEquals(
    ids.slice(ids.indexOf(factId) + 1),
    successorsOf(known, factId),
  );
  const chain = await cortex.facts.getSupersessionChain(factId);
  assertEquals(
    chain.map((link) => [link.factId, link.supersededBy]),
    ids.map((id, at) => [id, ids[at + 1] ?? null]),
  );
}

Deno.test("facts and a naive model tell the same of whatever is done to them", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < ROUNDS; round++) {
    const random = seededRandom(seed + round);
    await using cortex = new Cortex({ executorKinds: ["inline"] });
    const known: Known = {
      spaceOf: new Map(),
      standing: new Set(),
      deleted: new Set(),
      next: new Map(),
    };
    for (let at = 0; at < STEPS; at++) {
      await step(cortex, known, random);
      await compare(cortex, known, random);
    }
  }
});
