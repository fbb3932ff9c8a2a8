import { assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { convexTest } from "../../src/convex_test/mod.ts";

Deno.test("what t is given is named with its bound and value", async () => {
  const t = convexTest({ modules: {} });
  const wrong = "x" as never;
  const refused: [() => unknown, string][] = [
    [() => t.withIdentity(wrong), "claims must be an object of claims"],
    [() => t.withRequestMetadata(wrong), "metadata must be an object"],
    [
      () => t.withRequestMetadata({ userAgnt: "a" } as never),
      'metadata has no option "userAgnt" (did you mean userAgent?)',
    ],
    [
      () => t.registerComponent("", {} as never, {}),
      'path must be a text; got ""',
    ],
    [
      () => t.registerComponent("pool", {} as never, wrong),
      'modules must be what import.meta.glob gives; got "x"',
    ],
  ];
  for (const [call, tells] of refused) {
    assertStringIncludes(assertThrows(call, Error).message, tells);
  }
  const rejected: [() => Promise<unknown>, string][] = [
    [() => t.run(wrong), 'the body of run must be a function; got "x"'],
    [() => t.fetch(5 as never), "Path given to `t.fetch` must start with a"],
    [
      () => t.finishAllScheduledFunctions(undefined as never),
      "advanceTimers must be a function; got undefined",
    ],
    [
      () => t.finishAllScheduledFunctions(() => {}, "9" as never),
      'maxIterations must be a number from 1 on; got "9"',
    ],
  ];
  for (const [call, tells] of rejected) {
    assertStringIncludes((await assertRejects(call, Error)).message, tells);
  }
  await t.close();
});

Deno.test("an http.ts whose default export is no router, but null or something else, is refused as that", async () => {
  for (const router of [null, {}, "router"]) {
    const http = { default: router };
    const t = convexTest({ modules: { "./http.ts": async () => await http } });
    await assertRejects(
      () => t.fetch("/hello"),
      Error,
      "http.ts must export the result of httpRouter() by default",
    );
    await t.close();
  }
});
