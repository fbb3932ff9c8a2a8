import { assertEquals } from "@std/assert";
import { createFunctionHandle } from "convex/server";
import { type ConvexTestSubject, m, testCase } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** What happens when a test, or a function, starts several things at once; and what belongs together. */
export const convexTestTogetherContract: ContractCase<ConvexTestSubject>[] = [
  testCase(
    "tests that run at the same time do not get into the way of one another's system calls",
    async (t, subject) => {
      const others = [subject.make(), subject.make()];
      // Each begins, and asks for a handle when another has begun, ended and begun again.
      const [first, second, third] = [t, ...others].map((test) => {
        let go = () => {};
        const held = new Promise<void>((resolve) => go = resolve);
        const begin = () =>
          test.action(async () => {
            await held;
            return await createFunctionHandle(m("system:write"));
          });
        return { test, begin, go: () => go() };
      });
      const handle = "function://;system:write";
      const one = first!.begin();
      const two = second!.begin();
      const three = third!.begin();
      second!.go();
      assertEquals(await two, handle);
      const again = second!.begin();
      first!.go();
      third!.go();
      assertEquals(await Promise.all([one, three, again]), [
        handle,
        handle,
        handle,
      ]);
      await Promise.all(others.map((other) => other.close()));
      const { Convex } = globalThis as { Convex?: unknown };
      assertEquals(Convex, undefined);
    },
    { isExact: true },
  ),
];
