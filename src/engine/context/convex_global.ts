import { isConvexError } from "../../errors.ts";
import { copyValue } from "../../values/copy.ts";
import { valueToJson } from "../../values/json.ts";
import { messageOf } from "../../values/message_of.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import type { ContextHost } from "./context_host.ts";
import type { Run } from "../run/run.ts";
import type { RunScope } from "../run/run_scope.ts";
import { type Operation, type Operations, systemCalls } from "./syscalls.ts";

/** The error for code that makes a system call outside of any function. */
export const OUTSIDE =
  "The Convex database and auth objects are being used outside of a Convex backend. " +
  "Did you mean to use `useQuery` or `useMutation` to call a Convex function?";

type Json = { [name: string]: JsonValue };

/**
 * `globalThis.Convex` while functions run, for code that makes system calls itself, such as `createFunctionHandle` or a
 * function's `invokeQuery`. Each call is answered by the `ctx` of the function that it is made in.
 */
export function makeConvex(scope: RunScope, host: ContextHost): object {
  // Created on the first call: the engines of most tests get none.
  let operations: Operations | undefined;
  const find = (method: string, op: string): [Run, Operation] | undefined => {
    const run = scope.current();
    if (!run) return undefined;
    operations ??= systemCalls(host);
    const operation = Object.hasOwn(operations, op)
      ? operations[op]
      : undefined;
    if (!operation) {
      throw new Error(
        `Unknown ${
          method === "syscall" ? "operation" : "async operation"
        } ${op}`,
      );
    }
    return [run, operation];
  };
  const outer = (method: string, args: unknown[]): unknown => {
    const there = scope.outerConvex?.[method];
    if (there) return there.apply(scope.outerConvex, args);
    throw new Error(OUTSIDE);
  };
  return {
    syscall(op: string, json: string): unknown {
      const found = find("syscall", op);
      if (!found) return outer("syscall", [op, json]);
      return textOf(found[1](found[0], JSON.parse(json)));
    },
    async asyncSyscall(op: string, json: string): Promise<unknown> {
      const found = find("asyncSyscall", op);
      if (!found) return await outer("asyncSyscall", [op, json]);
      try {
        return textOf(await found[1](found[0], JSON.parse(json)));
      } catch (error) {
        // `convex` turns every error that has `data` into a ConvexError, so the data of the engine's own errors are
        // left out.
        throw Object.assign(
          new Error(messageOf(error)),
          isConvexError(error) && {
            data: valueToJson(copyValue(error.data ?? null, "error data")),
          },
        );
      }
    },
    async jsSyscall(op: string, args: object): Promise<unknown> {
      const found = find("jsSyscall", op);
      if (!found) return await outer("jsSyscall", [op, args]);
      return await found[1](found[0], args as Json);
    },
  };
}

function textOf(result: unknown): string {
  return JSON.stringify(
    valueToJson(copyValue(result ?? null, "result of a system call") as Value),
  );
}
