import { assert, assertEquals } from "@std/assert";
import { record, rejectionOf } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** An erasure, and the error that it rejects with when its calls fail. */
interface Erasure {
  /** Name of the method. */
  method: string;
  erase(cortex: ReturnType<typeof record>["cortex"]): Promise<unknown>;
  Class: new (...args: never[]) => Error;
  /** Name of the class, which bundlers may change. */
  name: string;
  /** Whom the message names. */
  whom: string;
}

/** A case of an erasure that fails, which needs no backend. */
export function failedErasure(
  { method, erase, Class, name, whom }: Erasure,
): ContractCase<void> {
  return {
    name: `${method}() that fails rejects with ${name} and its cause`,
    async run() {
      const cause = new Error("the line is dead");
      const { cortex } = record({}, () => Promise.reject(cause));
      const error = await rejectionOf(() => erase(cortex));
      assert(error instanceof Class);
      assertEquals([error.name, error.message, error.cause], [
        name,
        `Cascade deletion failed for ${whom}: the line is dead`,
        cause,
      ]);
    },
  };
}
