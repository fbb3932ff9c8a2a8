import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ODD_ERRORS, ODD_VALUES } from "./odd.ts";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  sharedExecutorCase,
  withExecutor,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Values and errors that throw when they are read: they fail one task, and affect nothing else. */
export const executorOddContract: ContractCase<ExecutorSubject>[] = [
  sharedExecutorCase(
    "a task that throws when it is read rejects alone and names the path",
    async (executor) => {
      for (const [path, make] of Object.entries(ODD_VALUES)) {
        const before = run(executor, "echo", { at: 1 });
        const odd = rejection(executor.run(make()));
        const after = run(executor, "echo", { at: 2 });
        const { code, data } = await odd;
        assertEquals([code, data], [
          "NOT_CLONEABLE",
          { path: `task${path}` },
        ]);
        assertEquals([await before, await after], [{ at: 1 }, { at: 2 }]);
        const alone = await rejection(executor.run(make()));
        assertEquals(alone.message, (await odd).message);
      }
    },
  ),
  sharedExecutorCase(
    "a result that throws when it is read rejects alone and names the path",
    async (executor) => {
      for (const path of Object.keys(ODD_VALUES)) {
        const before = run(executor, "echo", { at: 1 });
        const odd = rejection(run(executor, "odd", path));
        const after = run(executor, "echo", { at: 2 });
        const { code, data } = await odd;
        assertEquals([code, data], [
          "NOT_CLONEABLE",
          { path: `result${path}` },
        ]);
        assertEquals([await before, await after], [{ at: 1 }, { at: 2 }]);
      }
      assertEquals(executor.stats().workersLost, 0);
    },
  ),
  sharedExecutorCase(
    "an error that is hard to read rejects its task",
    async (executor) => {
      for (const name of Object.keys(ODD_ERRORS)) {
        await rejection(run(executor, "throwOdd", name));
      }
      assertEquals(await run(executor, "echo", 1), 1);
      assertEquals(executor.stats().workersLost, 0);
    },
  ),
  sharedExecutorCase(
    "an AggregateError that holds itself holds a copy that holds nothing",
    async (executor) => {
      const error = await rejection(run(executor, "throwOdd", "self"));
      assert(error instanceof AggregateError);
      assert(error.errors[0] instanceof TypeError);
      for (const copy of [error.cause, ...error.errors.slice(1)]) {
        assert(copy instanceof AggregateError);
        assertEquals(
          [copy.message, copy.errors.length, copy.cause],
          ["self", 0, undefined],
        );
      }
    },
  ),
  sharedExecutorCase(
    "an error that is a member many times over is one again",
    async (executor) => {
      const error = await rejection(run(executor, "throwOdd", "wide"));
      assert(error instanceof AggregateError);
      const [first, second, third] = error.errors;
      assertEquals([error.errors.length, first.message], [3, "wide 14"]);
      assertStrictEquals(first, second);
      assertStrictEquals(first, third);
    },
  ),
  {
    name: "reviveError that fails leaves the error as it would be without",
    run: async (subject) => {
      const revivals: (() => unknown)[] = [
        () => {
          throw new Error("cannot revive");
        },
        () => "no error",
      ];
      for (const revive of revivals) {
        const reviveError = revive as () => Error;
        await withExecutor(subject, { reviveError }, async (executor) => {
          const error = await rejection(run(executor, "throw", "custom"));
          assertEquals([error.name, error.message], [
            "QuotaError",
            "over quota",
          ]);
        });
      }
    },
  },
  {
    name: "reviveError may give an error that is frozen",
    run: (subject) => {
      const reviveError = () => Object.freeze(new RangeError("revived"));
      return withExecutor(subject, { reviveError }, async (executor) => {
        const error = await rejection(run(executor, "throw", "custom"));
        assertEquals(error.message, "revived");
      });
    },
  },
  executorCase(
    "a reason that cannot be read aborts, and the handler is told",
    {},
    async (executor) => {
      await executor.warm();
      const controller = new AbortController();
      const { signal } = controller;
      const given: Promise<unknown> = run(executor, "untilAborted", "a", {
        signal,
      }).catch((reason) => reason);
      await run(executor, "echo", 1);
      const reason = ODD_ERRORS.getPrototypeOf!();
      controller.abort(reason);
      assert(await given === reason, "another reason");
      const aborts = await run(executor, "aborts") as string[];
      assertEquals(aborts.length, 1);
    },
  ),
  sharedExecutorCase(
    "a thenable counts as the promise that it would be awaited as",
    async (executor) => {
      assertEquals(await run(executor, "thenable"), 7);
      assertEquals(await run(executor, "callableThenable"), 8);
    },
  ),
];
