/** Facts against a naive model: after any changes, lists, counts, pages and histories agree with it. */
import { assert, assertEquals } from "@std/assert";
import { Cortex, type FactRecord } from "../../mod.ts";
import type { StoreFactParams, UniversalFactFilter } from "../../mod.ts";
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

/** The naive model: every fact that was ever stored. */
interface Known {
  spaceOf: Map<string, string>;
  /** Facts that lists show. */
  standing: Set<string>;
  deleted: Set<string>;
  /** The fact that superseded each. */
  next: Map<string, string>;
}

/** What a random change is made with. */
interface Step {
  cortex: Cortex;
  known: Known;
  random: Random;
  /** A new fact, of the space that is changed. */
  params: StoreFactParams;
  /** Facts of this space. */
  ids: string[];
}

/** One random change, made to both. */
async function step(
  cortex: Cortex,
  known: Known,
  random: Random,
): Promise<void> {
  const memorySpaceId = random.pick(SPACES);
  const ids = [...known.spaceOf]
    .filter(([, space]) => space === memorySpaceId)
    .map(([id]) => id);
  const params = randomFact(memorySpaceId, random);
  const made = { cortex, known, random, params, ids };
  const action = ids.length < 4 ? 0 : random.below(7);
  if (action <= 1) await store(made);
  else if (action === 2) await storeWithDedup(made);
  else if (action === 3) await update(made);
  else if (action === 4) await deleteOne(made);
  else if (action === 5) await supersede(made);
  else await revise(made);
}

function randomFact(
  memorySpaceId: string,
  { below, pick }: Random,
): StoreFactParams {
  const subject = pick(SUBJECTS);
  const object = pick(OBJECTS);
  return {
    memorySpaceId,
    fact: `${subject ?? "somebody"} likes ${object}`,
    factType: pick(TYPES),
    ...(subject !== undefined && { subject, predicate: "likes", object }),
    confidence: below(101),
    sourceType: "manual",
    tags: TAGS.filter(() => below(2) === 0),
    ...(below(2) === 0 && { userId: pick(["u", "v"]) }),
    ...(below(3) === 0 && { metadata: { level: below(2) } }),
  };
}

function add({ known, params }: Step, id: string): void {
  known.spaceOf.set(id, params.memorySpaceId);
  known.standing.add(id);
}

function replace({ known }: Step, old: string, by: string): void {
  known.standing.delete(old);
  known.next.set(old, by);
}

async function store(made: Step): Promise<void> {
  add(made, (await made.cortex.facts.store(made.params)).factId);
}

async function storeWithDedup(made: Step): Promise<void> {
  const { fact, wasUpdated, deduplication } = await made.cortex.facts
    .storeWithDedup(made.params, {
      deduplication: made.random.pick(["exact", "structural"]),
    });
  if (deduplication?.matchedExisting === false || wasUpdated) {
    add(made, fact.factId);
  }
  if (wasUpdated) replace(made, fact.supersedes!, fact.factId);
}

async function update(made: Step): Promise<void> {
  const { cortex, known, random, params, ids } = made;
  const id = random.pick(ids);
  const head = headOf(known, id);
  const changing = cortex.facts.update(params.memorySpaceId, id, {
    confidence: random.below(101),
  });
  if (known.deleted.has(head)) {
    assertEquals(await codeOf(changing), "FACT_NOT_FOUND");
    return;
  }
  const fact = await changing;
  assertEquals(fact.supersedes, head);
  add(made, fact.factId);
  replace(made, head, fact.factId);
}

async function deleteOne(
  { cortex, known, random, params, ids }: Step,
): Promise<void> {
  const id = random.pick(ids);
  await cortex.facts.delete(params.memorySpaceId, id);
  known.standing.delete(id);
  known.deleted.add(id);
}

async function supersede(made: Step): Promise<void> {
  const { cortex, known, random, params: { memorySpaceId }, ids } = made;
  const [oldFactId, newFactId] = [random.pick(ids), random.pick(ids)];
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
  if (code === undefined) replace(made, oldFactId, newFactId);
}

async function revise(made: Step): Promise<void> {
  const { cortex, params } = made;
  const { fact, action, superseded } = await cortex.facts.revise({
    memorySpaceId: params.memorySpaceId,
    fact: params,
    ...(params.userId !== undefined && { userId: params.userId }),
  });
  if (action === "ADD" || action === "SUPERSEDE") add(made, fact.factId);
  for (const { factId } of superseded) replace(made, factId, fact.factId);
  assertEquals(superseded.length > 0, action === "SUPERSEDE");
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
  random: Random,
): Promise<void> {
  const { below, pick } = random;
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
  await compareLists(cortex, random, { ...filter, memorySpaceId }, expected);
  if (all.length === 0) return;
  await compareHistory(cortex, known, memorySpaceId, pick(all).factId);
}

/** The count, the whole list and one sorted page of what a filter selects. */
async function compareLists(
  cortex: Cortex,
  { below, pick }: Random,
  filter: UniversalFactFilter & { memorySpaceId: string },
  expected: readonly FactRecord[],
): Promise<void> {
  const where = JSON.stringify(filter);
  assertEquals(await cortex.facts.count(filter), expected.length, where);
  assertEquals(await cortex.facts.list(filter), expected, where);
  const sortOrder = pick(["asc", "desc"] as const);
  const offset = below(4);
  const limit = below(5);
  const page = await cortex.facts.list({
    ...filter,
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
}

/** The history and the supersession chain of a fact. */
async function compareHistory(
  cortex: Cortex,
  known: Known,
  memorySpaceId: string,
  factId: string,
): Promise<void> {
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

Deno.test("facts agree with a naive model after any changes", async () => {
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
