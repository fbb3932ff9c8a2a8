import { assert, assertEquals } from "@std/assert";
import { ResultTexts } from "../../src/server/sync/result_texts.ts";
import { Transitions } from "../../src/server/sync/transitions.ts";

Deno.test("results that are too long for one transition are told as failures", () => {
  const texts = new ResultTexts(false, () => assert(false));
  const transitions = new Transitions(texts, 1000);
  const result = (length: number) => (
    {
      ok: true,
      value: "x".repeat(length),
      logLines: [],
      journal: null,
    } as const
  );
  const version = { querySet: 1, identity: 0, ts: 1n };
  const kinds = (...lengths: number[]) => {
    transitions.record(
      version,
      new Map(lengths.map((n, id) => [id, result(n)])),
    );
    const { modifications } = JSON.parse(transitions.take(0));
    return modifications.map(({ type }: { type: string }) => type);
  };
  const [fits, not] = ["QueryUpdated", "QueryFailed"];
  assertEquals(kinds(600, 600, 10), [fits, not, fits]);
  assertEquals(kinds(600), [fits]);
  // What is too long by itself would be so again.
  assertEquals(kinds(2000), [not]);
});
