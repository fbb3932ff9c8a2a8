/** A user's facts in chains with others' that are longer, or larger, than one step of an erasure. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../src/cortex/cortex.ts";
import { inlineTest } from "../support/inline_cortex.ts";

const SPACE = "space";
const LARGE = "x".repeat(700_000);

/** Stores facts, and erases the user `ann`. */
class Facts {
  readonly #cortex: Cortex;

  constructor(cortex: Cortex) {
    this.#cortex = cortex;
  }

  async store(text: string, userId?: string): Promise<string> {
    const { factId } = await this.#cortex.facts.store({
      memorySpaceId: SPACE,
      fact: `It rains ${text}`,
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      userId,
    });
    return factId;
  }

  /** Updates a fact again and again; the id of the last version. */
  async update(factId: string, versions: number, text = ""): Promise<string> {
    for (let at = 0; at < versions; at++) {
      const fact = `It rains ${at} ${text}`;
      ({ factId } = await this.#cortex.facts.update(SPACE, factId, { fact }));
    }
    return factId;
  }

  supersede(oldFactId: string, newFactId: string): Promise<unknown> {
    const memorySpaceId = SPACE;
    return this.#cortex.facts.supersede({
      memorySpaceId,
      oldFactId,
      newFactId,
    });
  }

  /** Checks how many facts are exported with the user. */
  async export(facts: number): Promise<void> {
    const ids = new Set<string>();
    for await (const line of this.#cortex.users.exportAll("ann")) {
      const { table, row } = JSON.parse(line);
      if (table === "facts") ids.add(row.factId);
    }
    assertEquals(ids.size, facts);
  }

  /** Checks how many facts a dry run counts and the erasure deletes, and how many rows both. */
  async erase(deleted: number, left: number): Promise<void> {
    const erase = (dryRun: boolean) =>
      this.#cortex.users.delete("ann", { cascade: true, dryRun });
    const [dry, done] = [await erase(true), await erase(false)];
    assertEquals([dry.factsDeleted, done.factsDeleted], [deleted, deleted]);
    assertEquals(dry.totalDeleted, done.totalDeleted);
    assertEquals(done.verification, { complete: true, issues: [] });
    const all = { memorySpaceId: SPACE, includeSuperseded: true };
    assertEquals(await this.#cortex.facts.count(all), left);
  }
}

function eraseTest(name: string, run: (facts: Facts) => Promise<void>): void {
  inlineTest(name, (cortex) => run(new Facts(cortex)));
}

eraseTest(
  "a fact that others updated a thousand times is exported and erased with its user",
  async (facts) => {
    const next = await facts.store("later");
    await facts.supersede(await facts.store("first", "ann"), next);
    await facts.update(next, 1000);
    await facts.store("elsewhere");
    await facts.export(1002);
    await facts.erase(1002, 1);
  },
);

eraseTest(
  "a fact between others' large versions is erased with its user, and they with it",
  async (facts) => {
    const last = await facts.update(await facts.store("first"), 20, LARGE);
    const own = await facts.store("then", "ann");
    await facts.supersede(last, own);
    const next = await facts.store("later");
    await facts.supersede(own, next);
    await facts.update(next, 20, LARGE);
    await facts.store("elsewhere", "bob");
    await facts.erase(43, 1);
  },
);

eraseTest(
  "facts that lead to one another by several ways are erased, and counted, once",
  async (facts) => {
    // The successor of ann's facts replaced another chain, too, which leads to a third.
    const others = await facts.update(await facts.store("here"), 12, LARGE);
    const common = await facts.store(LARGE, "bob");
    await facts.supersede(others, common);
    for (const name of ["a", "b", "c"]) {
      const own = await facts.store(name, "ann");
      const version = await facts.update(own, 8, `${name} ${LARGE}`);
      await facts.supersede(version, common);
    }
    const beside = await facts.update(await facts.store("aside"), 3);
    await facts.supersede(beside, common);
    await facts.erase(13 + 1 + 27, 4);
  },
);
