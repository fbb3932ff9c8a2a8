import { assertEquals, assertRejects } from "@std/assert";
import { modules } from "../../src/convex/index.ts";
import { withVariables } from "../support/variables.ts";

interface Registered {
  isPublic?: boolean;
  _handler?(ctx: unknown, args: unknown): Promise<unknown>;
}

const nobody = { auth: { getUserIdentity: () => Promise.resolve(null) } };

/** Its calls are let in one by one. */
const GATHERS = "batch:run";

const publicFunctions = Object.entries(modules).flatMap(([path, exports]) =>
  Object.entries(exports as Record<string, Registered>)
    .filter(([, { isPublic }]) => isPublic)
    .map(([name, { _handler }]) => [`${path}:${name}`, _handler!] as const)
);

Deno.test("no public function does anything before the guard lets the caller in", async () => {
  const guarded = publicFunctions.filter(([name]) => name !== GATHERS);
  assertEquals(guarded.length, publicFunctions.length - 1);
  await withVariables({ CORTEX_ACCESS_MODE: "identity" }, async () => {
    for (const [name, handler] of guarded) {
      await assertRejects(
        () => handler(nobody, {}),
        Error,
        "UNAUTHENTICATED",
        name,
      );
    }
  });
});
