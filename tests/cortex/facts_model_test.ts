/**
 * Facts against a naive model of their whole life: compared, merged, replaced, archived with memories, and removed.
 */
import { assert, assertEquals } from "@std/assert";
import { Cortex, type FactRecord } from "../../mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { codeOf } from "../support/code_of.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import {
  type Event,
  FactsModel,
  type Row,
  stands,
  type Statement,
} from "./facts_model.ts";

const ROUNDS = Math.max(2, Math.round(5 * testScale()));
const STEPS = 60;
const SPACES = ["one", "two"];
const TYPES = ["preference", "event"] as const;
const WORDS = ["quartz", "violin", "meadow"];

interface Memory {
  memoryId: string;
  memorySpaceId: string;
  isArchived: boolean;
}

function statement({ pick, below }: Random): Statement {
  const subject = pick(["ada", " ADA ", "Bob", undefined]);
  const predicate = pick([
    "lives in",
    "favorite color",
    "likes",
    "speaks",
    undefined,
  ]);
  const object = pick(["Bath", "york", undefined]);
  const said = `${subject ?? "she"} ${predicate ?? "knows"} ${object ?? "it"}`;
  return {
    fact: below(3) === 0
      ? `${pick(WORDS)} ${pick(WORDS)}`
      : `${pick(["", "The "])}${said}`,
    confidence: pick([10, 50, 90]),
    factType: pick(TYPES),
    tags: ["x", "y"].filter(() => below(2) === 0),
    ...(subject !== undefined && { subject }),
    ...(predicate !== undefined && { predicate }),
    ...(object !== undefined && { object }),
  };
}

class Life {
  readonly #cortex: Cortex;
  readonly #random: Random;
  readonly #model = new FactsModel();
  #memories: Memory[] = [];

  constructor(cortex: Cortex, random: Random) {
    this.#cortex = cortex;
    this.#random = random;
  }

  async step(): Promise<void> {
    const { below, pick } = this.#random;
    const { facts } = this.#cortex;
    const model = this.#model;
    const action = model.rows.length < 5 ? 0 : below(12);
    const whose = {
      memorySpaceId: pick(SPACES),
      ...(below(2) === 0 && { userId: pick(["u", "v"]) }),
    };
    const fact = statement(this.#random);
    const params = {
      ...whose,
      ...fact,
      factType: fact.factType!,
      sourceType: "manual" as const,
      ...(below(5) === 0 && { validFrom: 0, validUntil: 1000 }),
    };
    if (action <= 1) model.add(await facts.store(params));
    else if (action <= 3) await this.#deduplicate(params);
    else if (action <= 6) await this.#revise(fact, whose);
    else if (action === 7) await this.#consolidate();
    else if (action === 8) await this.#change();
    else if (action === 9 && below(5) === 0) {
      const { userId } = whose;
      const gone = model.of(whose.memorySpaceId)
        .filter((row) => userId === undefined || row.userId === userId);
      const { deleted } = await facts.deleteMany(whose);
      assertEquals(deleted, gone.length);
      model.remove(gone);
    } else await this.#remember(fact, whose.memorySpaceId);
  }

  async #deduplicate(
    params: Parameters<Cortex["facts"]["store"]>[0],
  ): Promise<void> {
    const model = this.#model;
    const deduplication = this.#random.pick(["exact", "structural"] as const);
    const known = model.comparable(
      params as { memorySpaceId: string; userId?: string },
    );
    const same = deduplication === "exact"
      ? model.sameText(known, params)
      : model.sameParts(known, params as Statement);
    const { fact, wasUpdated, ...found } = await this.#cortex.facts
      .storeWithDedup(params, { deduplication });
    const isKnown = found.deduplication?.matchedExisting === true;
    assertEquals(isKnown, same.length > 0);
    if (!isKnown) return void model.add(fact);
    const itsId = wasUpdated ? fact.supersedes : fact.factId;
    const old = same.find(({ factId }) => factId === itsId)!;
    assertEquals(wasUpdated, params.confidence > old.confidence);
    if (!wasUpdated) return;
    const tags = [...new Set([...old.tags, ...params.tags ?? []])];
    const { confidence } = params;
    model.addVersion(old, { confidence, tags }, fact, await this.#end(old));
  }

  async #revise(
    fact: Statement,
    whose: { memorySpaceId: string; userId?: string },
  ): Promise<void> {
    const model = this.#model;
    const expected = model.decide(fact, whose);
    const check = await this.#cortex.facts.checkConflicts({ ...whose, fact });
    const done = await this.#cortex.facts.revise({ ...whose, fact });
    const where = JSON.stringify([fact, expected.among]);
    assert(expected.actions.includes(done.action), `${done.action}: ${where}`);
    assertEquals(check.recommendedAction, done.action, where);
    const { factId } = done.fact;
    if (done.action === "ADD") return void model.add(done.fact);
    if (done.action === "SUPERSEDE") {
      const by = model.add(done.fact, false);
      if (expected.isWhole) {
        assertEquals(done.superseded.length, expected.among.length);
      }
      for (const { factId, validUntil } of done.superseded) {
        const old = expected.among.find((row) => row.factId === factId)!;
        model.supersede(old, by, validUntil!);
      }
      return;
    }
    const known = expected.among.find((row) => row.factId === factId)!;
    if (done.action === "NONE") return;
    const { fact: oldValue, memorySpaceId } = known;
    const { fact: newValue, confidence, tags = [] } = fact;
    model.events.push({
      action: "UPDATE",
      factId,
      memorySpaceId,
      oldValue,
      newValue,
    });
    known.tags = [...new Set([...known.tags, ...tags])];
    Object.assign(known, { fact: newValue, confidence });
  }

  async #consolidate(): Promise<void> {
    const { pick } = this.#random;
    const model = this.#model;
    const memorySpaceId = pick(SPACES);
    const named = [...new Set([1, 2, 3].map(() => pick(model.rows)))];
    if (named.length < 2) return;
    const keep = named[0]!;
    await this.#cortex.facts.consolidate({
      memorySpaceId,
      factIds: named.map(({ factId }) => factId),
      keepFactId: keep.factId,
    });
    const merged = named.filter((row) =>
      row.memorySpaceId === memorySpaceId && stands(row)
    );
    if (!merged.includes(keep)) return;
    for (const row of merged) {
      if (row !== keep) model.supersede(row, keep, await this.#end(row));
    }
    const sum = merged.reduce((sum, { confidence }) => sum + confidence, 0);
    keep.confidence = Math.round(sum / merged.length);
    keep.tags = [...new Set(merged.flatMap(({ tags }) => tags))];
  }

  /** A new version, or a deletion. */
  async #change(): Promise<void> {
    const { below, pick } = this.#random;
    const model = this.#model;
    const row = pick(model.rows);
    const { memorySpaceId, factId } = row;
    if (below(2) === 0) {
      await this.#cortex.facts.delete(memorySpaceId, factId);
      if (!row.isDeleted) model.delete(row, await this.#end(row));
      return;
    }
    const head = model.successors(row).at(-1) ?? row;
    const changes = { confidence: below(101) };
    const changing = this.#cortex.facts.update(memorySpaceId, factId, changes);
    if (head.isDeleted) {
      assertEquals(await codeOf(changing), "FACT_NOT_FOUND");
    } else {
      const fact = await changing;
      const end = await this.#end(head);
      // What took its place is gone for good: the next version stands.
      if (head.supersededBy !== undefined) delete head.validUntil;
      model.addVersion(head, changes, fact, end);
    }
  }

  /** A new memory with a fact, or what becomes of one. */
  async #remember(fact: Statement, memorySpaceId: string): Promise<void> {
    const { below, pick } = this.#random;
    const { memory: api } = this.#cortex;
    const model = this.#model;
    const extractFacts = () =>
      Promise.resolve([{ ...fact, factType: fact.factType! }]);
    if (this.#memories.length === 0 || below(3) === 0) {
      const { memory, facts } = await api.store(memorySpaceId, {
        content: "a note",
        contentType: "raw",
        source: { type: "system" },
        metadata: { importance: 50, tags: ["m"] },
        extractFacts,
      });
      for (const one of facts) model.add(one);
      const { memoryId } = memory;
      this.#memories.push({ memoryId, memorySpaceId, isArchived: false });
      return;
    }
    const memory = pick(this.#memories);
    const named = [memory.memorySpaceId, memory.memoryId] as const;
    const own = model.rows.filter(({ sourceRef }) =>
      sourceRef?.memoryId === memory.memoryId
    );
    const here = own.filter((row) => stands({ ...row, isArchived: false }));
    const unarchive = (rows: readonly Row[]) => {
      for (const row of rows.filter(({ isArchived }) => isArchived)) {
        row.isArchived = false;
        row.tags = row.tags.filter((tag) => tag !== "archived");
      }
    };
    // Those that were replaced in the archive leave it when the others are deleted.
    const replaced = own.filter((row) => !here.includes(row));
    if (below(3) === 0) {
      const { factIds } = await api.delete(...named);
      assertEquals([...factIds].sort(), here.map((row) => row.factId).sort());
      for (const row of here) model.delete(row, await this.#end(row));
      unarchive(replaced);
      this.#memories = this.#memories.filter((one) => one !== memory);
    } else if (below(2) === 0) {
      const { factsReextracted = [] } = await api.update(
        ...named,
        { content: `a note of ${below(1e9)}` },
        { reextractFacts: true, extractFacts },
      );
      for (const row of here) model.delete(row, await this.#end(row));
      unarchive(replaced);
      for (const one of factsReextracted) {
        model.add(one).isArchived = memory.isArchived;
      }
    } else if (memory.isArchived) {
      await api.restoreFromArchive(...named);
      memory.isArchived = false;
      unarchive(own);
    } else {
      await api.archive(...named);
      memory.isArchived = true;
      for (const row of here) {
        row.isArchived = true;
        row.tags = [...new Set([...row.tags, "archived"])];
      }
    }
  }

  /** When the backend says that a fact ended; the model cannot know. */
  async #end({ memorySpaceId, factId }: Row): Promise<number> {
    return (await this.#cortex.facts.get(memorySpaceId, factId))!.validUntil!;
  }

  async compare(): Promise<void> {
    const { below, pick } = this.#random;
    const { facts } = this.#cortex;
    const model = this.#model;
    const memorySpaceId = pick(SPACES);
    const everything = { memorySpaceId, includeSuperseded: true };
    const all = await facts.list(everything);
    assertEquals(all.map(shown), model.of(memorySpaceId).map(shown));
    const standing = model.standing(memorySpaceId).map(shown);
    const isOf = (name: "subject" | "predicate", value: string) =>
      standing.filter((row) => row[name] === value);
    assertEquals((await facts.list({ memorySpaceId })).map(shown), standing);
    assertEquals(await facts.count({ memorySpaceId }), standing.length);
    const subject = pick(["ada", "Bob"]);
    const about = await facts.queryBySubject({ memorySpaceId, subject });
    assertEquals(about.map(shown), isOf("subject", subject));
    const predicate = pick(["likes", "lives in"]);
    const related = await facts.queryByRelationship({
      memorySpaceId,
      subject,
      predicate,
    });
    assertEquals(
      related.map(shown),
      isOf("subject", subject).filter((row) => row.predicate === predicate),
    );
    const word = pick(WORDS);
    const factType = below(2) === 0 ? pick(TYPES) : undefined;
    const found = await facts.search(
      memorySpaceId,
      word,
      compact({ factType }),
    );
    const ofType = standing.filter((row) =>
      factType === undefined || row.factType === factType
    );
    assertEquals(
      found.map(({ factId }) => factId).sort(),
      ofType.filter(({ fact }) => fact.includes(word)).map((row) => row.factId)
        .sort(),
    );
    const exported = await facts.export({
      memorySpaceId,
      format: "json",
      ...compact({ factType }),
    });
    assertEquals(JSON.parse(exported.data).map(shown), ofType);
    const changes = await facts.getChanges({ memorySpaceId, limit: 1000 });
    const events = model.events.filter((one) =>
      one.memorySpaceId === memorySpaceId
    );
    assertEquals(changes.map(told).sort(), events.map(told).sort());
    const { totalEvents, uniqueFactsModified } = await facts
      .getActivitySummary(memorySpaceId);
    const changed = new Set(events.map(({ factId }) => factId));
    assertEquals([totalEvents, uniqueFactsModified], [
      events.length,
      changed.size,
    ]);
    if (all.length === 0) return;
    const row = model.get(pick(all).factId);
    const history = await facts.getHistory(memorySpaceId, row.factId);
    const ids = history.map(({ factId }) => factId);
    assertEquals(
      ids.slice(ids.indexOf(row.factId) + 1),
      model.successors(row).map(({ factId }) => factId),
    );
    const itsEvents = await facts.history(row.factId, 1000);
    assertEquals(
      itsEvents.map(told).sort(),
      events.filter((one) =>
        [one.factId, one.supersededBy].includes(row.factId)
      )
        .map(told).sort(),
    );
  }
}

/** A fact as it should be: when it was changed last is not looked at, nor in which order it has its tags. */
function shown(row: Row | FactRecord): Row {
  const { _id, updatedAt: _, isDeleted: __, isArchived: ___, ...seen } = row as
    & Row
    & FactRecord;
  return { ...seen, tags: [...seen.tags].sort() };
}

function told(
  { action, factId, oldValue, newValue, supersededBy }: Event,
): string {
  return JSON.stringify([action, factId, oldValue, newValue, supersededBy]);
}

function compact<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>;
}

Deno.test("facts live as a naive model says, whatever becomes of them and their memories", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < ROUNDS; round++) {
    await using cortex = new Cortex({ executorKinds: ["inline"] });
    const life = new Life(cortex, seededRandom(seed + round));
    for (let at = 0; at < STEPS; at++) {
      await life.step();
      await life.compare();
    }
  }
});
