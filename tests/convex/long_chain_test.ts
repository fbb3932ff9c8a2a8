import { assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { backendTest, SPACE } from "./backend.ts";

/** More versions than one call follows in one direction. */
const VERSIONS = 1010;

type Args = Record<string, unknown>;
type Fact = { factId: string; version: number; fact: string };

backendTest(
  "a fact of over a thousand versions has one head, whichever version is named",
  async (backend) => {
    const named = { memorySpaceId: SPACE };
    const update = (factId: string, fact: string) =>
      backend.mutation<Fact>("facts:update", { ...named, factId, fact });
    const first = await backend.mutation<Fact>("facts:store", {
      ...named,
      fact: "It rained 1 times",
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      tags: [],
    });
    let last = first;
    for (let at = 2; at <= VERSIONS; at++) {
      last = await update(last.factId, `It rained ${at} times`);
    }
    const head = await update(first.factId, "It rains no more");
    assertEquals(head.version, VERSIONS + 1);
    const current = await backend.query<Fact[]>("facts:list", named);
    assertEquals(current.map(({ factId }) => factId), [head.factId]);
    const chain = await backend.query<{ factId: string }[]>(
      "factHistory:getSupersessionChain",
      { factId: head.factId },
    );
    assertEquals(chain.length, 601);
    assertEquals(chain.at(-1)?.factId, head.factId);
    const { query, mutation } = backend;
    const { facts } = new Cortex({
      client: {
        query: (name: string, args: Args) => query(name, args),
        mutation: (name: string, args: Args) => mutation(name, args),
        action: (name: string, args: Args) => mutation(name, args),
      },
    });
    const versions = Array.from({ length: VERSIONS + 1 }, (_, at) => at + 1);
    for (const { factId } of [first, head]) {
      const history = await facts.getHistory(SPACE, factId);
      assertEquals(history.map(({ version }) => version), versions);
      const links = await facts.getSupersessionChain(factId);
      assertEquals(
        links.map((link) => [link.factId, link.supersededBy]),
        history.map((row) => [row.factId, row.supersededBy ?? null]),
      );
    }
  },
);
