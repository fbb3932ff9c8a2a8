import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ContractCase } from "../../src/testing/types.ts";
import { runCases } from "./run_cases.ts";

/** A case that holds, one that fails the first time, and one that always fails. */
function threeCases(): ContractCase<void>[] {
  let runs = 0;
  return [
    { name: "holds", run() {} },
    {
      name: "holds later",
      run() {
        if (runs++ === 0) throw new Error("too early");
      },
    },
    { name: "never holds", run: () => Promise.reject(new Error("broken")) },
  ];
}

Deno.test("a case that fails runs once more only where that is asked for, and is named", async () => {
  const once = await runCases({ area: threeCases() });
  assertEquals([once.passed, once.failed, once.again], [1, 2, []]);

  const twice = await runCases({ area: threeCases() }, {
    sideBySide: { area: 2 },
    twice: true,
  });
  assertEquals([twice.passed, twice.failed], [2, 1]);
  assertStringIncludes(
    twice.again.join(),
    "area: holds later\nError: too early",
  );
  assertStringIncludes(
    twice.failures.join(),
    "area: never holds\nError: broken",
  );
});
