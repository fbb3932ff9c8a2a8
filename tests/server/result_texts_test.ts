/** Texts of results that are followed: made once for all who get them, and not kept for as long as they are followed. */
import { assertEquals } from "@std/assert";
import type { LiveResult } from "../../src/engine/engine.ts";
import { EngineError } from "../../src/errors.ts";
import { ResultTexts } from "../../src/server/sync/result_texts.ts";

Deno.test("ResultTexts makes a text once for many clients, and keeps those made last", () => {
  let made = 0;
  const texts = new ResultTexts(false, () => made++, 20_000);
  const rest = { logLines: [], journal: null };
  // The making of a failure's text is seen from outside.
  const failure: LiveResult = {
    ok: false,
    error: new EngineError("COMMIT_FAILED", "no room"),
    ...rest,
  };
  const first = texts.modification(1, failure);
  assertEquals(JSON.parse(first).queryId, 1);
  assertEquals(texts.modification(2, failure), first.replace("1", "2"));
  assertEquals(made, 1);
  const value = "x".repeat(1000);
  for (let queryId = 0; queryId < 21; queryId++) {
    const large: LiveResult = { ok: true, value, ...rest };
    assertEquals(JSON.parse(texts.modification(queryId, large)), {
      type: "QueryUpdated",
      queryId,
      value,
      ...rest,
    });
  }
  assertEquals(texts.modification(1, failure), first);
  assertEquals(made, 2);
  const huge: LiveResult = { ok: true, value: "x".repeat(30_000), ...rest };
  assertEquals(texts.modification(1, huge).length > 30_000, true);
});
