import { assert, assertEquals } from "@std/assert";
import {
  ConvexError,
  ExecutorError,
  isConvexError,
  isCortexError,
  MemoryValidationError,
  StoreError,
  ValidationError,
  ValueError,
} from "../../errors.ts";
import {
  type ExecutorSubject,
  rejection,
  run,
  sharedExecutorCase,
  withExecutor,
  withSharedExecutor,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import type { RunOptions } from "../../executor/types.ts";

type CausedError = Error & { [member: string]: unknown };

async function thrown(
  subject: ExecutorSubject,
  which: string,
): Promise<CausedError> {
  let error!: CausedError;
  await withSharedExecutor(subject, async (executor) => {
    error = await rejection(run(executor, "throw", which));
    const later = await rejection(run(executor, "rejectLater", which));
    // Thrown or rejected: the caller cannot tell.
    assertEquals(
      [later.name, later.message, later.constructor],
      [error.name, error.message, error.constructor],
    );
  });
  return error;
}

/** Errors that cross threads must stay complete. */
export const executorErrorContract: ContractCase<ExecutorSubject>[] = [
  {
    name: "a built-in error keeps its class and its cause",
    run: async (subject) => {
      const type = await thrown(subject, "type");
      assert(type instanceof TypeError);
      assertEquals([type.name, type.message], ["TypeError", "not that type"]);
      assert(!("cause" in type), "a cause appeared");
      const range = await thrown(subject, "range");
      assert(range instanceof RangeError);
      assert(range.cause instanceof Error);
      assertEquals(range.cause.message, "because");
    },
  },
  {
    name: "an error of this module keeps class, code, data and cause chain",
    run: async (subject) => {
      const error = await thrown(subject, "store");
      assert(error instanceof StoreError && isCortexError(error));
      assertEquals(error.code, "STORE_CORRUPT");
      const { page, bytes } = error.data as { page: number; bytes: unknown };
      assertEquals(page, 7);
      assertEquals((bytes as ArrayBuffer).byteLength, 3);
      assert(error.cause instanceof ValueError);
      assertEquals(error.cause.code, "INVALID_VALUE");
      assert(error.cause.cause instanceof TypeError);
      assertEquals(error.cause.cause.message, "innermost");
    },
  },
  {
    name: "a validation error keeps its field",
    run: async (subject) => {
      const error = await thrown(subject, "field");
      assert(error instanceof MemoryValidationError);
      assert(error instanceof ValidationError);
      assertEquals([error.code, error.field, error.message], [
        "MISSING_FIELD",
        "query",
        "query is missing",
      ]);
    },
  },
  {
    name: "a ConvexError, ours or Convex's, arrives as ours with its data",
    run: async (subject) => {
      const ours = await thrown(subject, "convex");
      assert(ours instanceof ConvexError && isConvexError(ours));
      assertEquals(ours.data, { code: "NOT_FOUND", id: 7n });
      assertEquals(ours.code, "NOT_FOUND");
      const foreign = await thrown(subject, "foreignConvex");
      assert(foreign instanceof ConvexError && isConvexError(foreign));
      assertEquals([foreign.data, foreign.code, foreign.message], [
        "MEMORY_NOT_FOUND: m1",
        "MEMORY_NOT_FOUND",
        "MEMORY_NOT_FOUND: m1",
      ]);
    },
  },
  {
    name: "an AggregateError keeps its members",
    run: async (subject) => {
      const error = await thrown(subject, "aggregate");
      assert(error instanceof AggregateError);
      assertEquals(error.message, "both failed");
      const [one, two] = error.errors;
      assert(one instanceof TypeError);
      assertEquals(one.message, "one");
      assertEquals(two, "two");
    },
  },
  {
    name: "an error that is no AggregateError keeps class and errors, too",
    run: async (subject) => {
      const listed = await thrown(subject, "listed");
      assert(listed instanceof TypeError);
      const [text, inner] = listed.errors as unknown[];
      assert(text === "a" && inner instanceof RangeError);
      const fields = await thrown(subject, "fields");
      assertEquals(fields.errors, { name: "is missing" });
    },
  },
  {
    name: "errors that an error holds keep class, code and cause",
    run: async (subject) => {
      const held = [await thrown(subject, "holder")];
      if ("SuppressedError" in globalThis) {
        const error = await thrown(subject, "suppressed");
        assertEquals(error.constructor.name, "SuppressedError");
        assertEquals((error.suppressed as Error).message, "before");
        held.push(error);
      }
      for (const { error } of held) {
        assert(error instanceof TypeError);
        assertEquals((error as { code?: unknown }).code, "INNER");
        assert(error.cause instanceof RangeError);
      }
    },
  },
  {
    name: "a DOMException stays one",
    run: async (subject) => {
      const error = await thrown(subject, "dom");
      assert(error instanceof DOMException);
      assertEquals([error.name, error.message, error.afterMs], [
        "TimeoutError",
        "took too long",
        5,
      ]);
    },
  },
  {
    name: "an error with a code and members of its own keeps them",
    run: async (subject) => {
      const error = await thrown(subject, "coded");
      assertEquals([error.code, error.errno], ["ENOENT", -2]);
    },
  },
  {
    name: "an unknown class arrives as its built-in parent under its own name",
    run: async (subject) => {
      const error = await thrown(subject, "custom");
      assert(error instanceof RangeError);
      assertEquals([error.name, error.message], ["QuotaError", "over quota"]);
      assertEquals(error.retryAfterMs, 1500);
      assert(!("callback" in error), "a function crossed");
    },
  },
  {
    name: "reviveError rebuilds an unknown class",
    run: async (subject) => {
      class Revived extends Error {}
      await withExecutor(
        subject,
        {
          reviveError: ({ name, message }) =>
            name === "QuotaError" ? new Revived(message) : undefined,
        },
        async (executor) => {
          const custom = await rejection(run(executor, "throw", "custom"));
          assert(custom instanceof Revived);
          assertEquals(custom.retryAfterMs, 1500);
          const type = await rejection(run(executor, "throw", "type"));
          assert(type instanceof TypeError);
        },
      );
    },
  },
  {
    name: "a thrown value that is no error is wrapped in one",
    run: async (subject) => {
      const text = await thrown(subject, "text");
      assert(text instanceof ExecutorError);
      assertEquals([text.code, text.cause], ["THROWN_VALUE", "just text"]);
      assert(text.message.includes('"just text"'), text.message);
      const nothing = await thrown(subject, "nothing");
      assertEquals(nothing.code, "THROWN_VALUE");
    },
  },
  {
    name: "a chain of causes that bites its own tail ends",
    run: async (subject) => {
      let error: unknown = await thrown(subject, "loop");
      let length = 0;
      for (; error instanceof Error && length < 100; length++) {
        error = error.cause;
      }
      assert(length > 1 && length < 100, `the chain is ${length} long`);
    },
  },
  sharedExecutorCase(
    "the stack tells both sides, and no worker's whole code",
    async (executor) => {
      async function askingFunction(): Promise<never> {
        throw await rejection(run(executor, "throw", "type"));
      }
      const { stack = "" } = await rejection(askingFunction());
      assert(stack.includes("TypeError: not that type"), stack);
      const [theirs, ours] = stack.split("-- task started --");
      assert(ours?.includes("askingFunction"), stack);
      assert(/\n\s+at |@/.test(theirs!), stack);
      assert(!stack.includes("data:text"), stack);
    },
  ),
  sharedExecutorCase(
    "the stack of a timeout tells who called",
    async (executor) => {
      // Bun does not name arrow functions.
      async function askingFunction(limit: RunOptions): Promise<never> {
        throw await rejection(run(executor, "untilAborted", "late", limit));
      }
      for (const limit of [{ timeoutMs: 5 }, { runTimeoutMs: 5 }]) {
        const { stack = "" } = await rejection(askingFunction(limit));
        const [, ours] = stack.split("-- task started --");
        assert(ours?.includes("askingFunction"), stack);
      }
    },
  ),
  sharedExecutorCase(
    "each rejected task has an error of its own",
    async (executor) => {
      const [first, second] = await Promise.all([
        rejection(run(executor, "fail", "one")),
        rejection(run(executor, "fail", "two")),
      ]);
      assertEquals([first.message, second.message], ["one", "two"]);
    },
  ),
  {
    name: "errors that arrive together share nothing, nor do results with them",
    run: (subject) =>
      withSharedExecutor(subject, async (executor) => {
        const arrived = await Promise.all([1, 2, 3].flatMap(() => [
          run(executor, "shared"),
          rejection(run(executor, "throw", "shared")).then(({ data }) => data),
        ]));
        for (const one of arrived as { list: number[] }[]) {
          assertEquals(one.list, [1]);
          one.list.push(2);
        }
      }),
  },
  {
    name: "a name from around a handler's function is told to be out of sight",
    run: async (subject) => {
      const prices = { pen: 3 };
      const executor = subject.open({
        worker: undefined,
        inline: undefined,
        handler: (task) => (task as number) * prices.pen,
      });
      const outcome = await executor.run(2).catch((error) => error);
      await executor.close();
      // Inline, the function itself is called.
      if (subject.kind === "inline") return assertEquals(outcome, 6);
      assert(outcome instanceof ReferenceError, String(outcome));
      const { message, stack } = outcome;
      const tells =
        "a handler given as a function runs elsewhere, so it sees nothing outside itself";
      assert(message.endsWith(`: ${tells}`), message);
      assert(stack!.includes(tells), stack);
    },
  },
];
