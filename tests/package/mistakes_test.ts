import { assertStringIncludes, assertThrows } from "@std/assert";
import { AsyncConvexClient, Cortex } from "../../mod.ts";
import { openEngine } from "../../src/embedded/mod.ts";
import { createExecutor } from "../../src/executor/mod.ts";
import { createConvexServer } from "../../src/server/mod.ts";

/** What no compiler keeps a newcomer from in JavaScript, and what the error must tell. */
const mistakes: [mistake: string, make: () => unknown, tells: string][] = [
  [
    "new Cortex(url)",
    () => new Cortex("https://a.convex.cloud" as never),
    "config must be an object, such as { path } or { convexUrl }",
  ],
  [
    "new AsyncConvexClient()",
    () => new AsyncConvexClient(undefined as never),
    "source must be a deployment's URL",
  ],
  [
    "createExecutor()",
    () => createExecutor(undefined as never),
    "options must be an object, not undefined",
  ],
  ["createExecutor({})", () => createExecutor({}), "options.handler"],
  ["openEngine()", () => openEngine(undefined as never), "modules must be"],
  ["openEngine({})", () => openEngine({} as never), "modules must be"],
  [
    "openEngine({ modules, path })",
    () => openEngine({ modules: {}, path: "a.db" } as never),
    'no option "path": it has schema',
  ],
  [
    "openEngine({ modules, store: 3 })",
    () => openEngine({ modules: {}, store: 3 as never }),
    "store must be the path of a SQLite file, or a store; got 3",
  ],
  [
    "createConvexServer()",
    () => createConvexServer(undefined as never),
    "the first argument is no engine",
  ],
];

for (const [mistake, make, tells] of mistakes) {
  Deno.test(`${mistake} says what it lacks`, () => {
    assertStringIncludes(assertThrows(make, Error).message, tells);
  });
}
