/** Tables of wrong arguments: class, code, field and text of the error, thrown before anything is sent. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../cortex/cortex.ts";
import { record, type RecordingClient, rejectionOf } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** A wrong argument: the call's name, what is wrong, and what the error must say. */
export type Refusal<Method extends string> = readonly [
  method: Method,
  wrong: object,
  code: string,
  field: string | undefined,
  words?: string,
];

/** Methods with valid arguments, changed by what is wrong. */
export type CallsByName = Record<
  string,
  (
    cortex: Cortex<RecordingClient>,
    // deno-lint-ignore no-explicit-any -- a table of wrong arguments is of any type
    wrong: Record<string, any>,
  ) => Promise<unknown>
>;

/**
 * One case per row. They need no backend, because nothing may be sent.
 *
 * @param errorName Name of the error's class, or names by the part of the method's name before the dot.
 */
export function refusals<Calls extends CallsByName>(
  errorName: string | Readonly<Record<string, string>>,
  calls: Calls,
  rows: readonly Refusal<keyof Calls & string>[],
): ContractCase<void>[] {
  return rows.map(([method, wrong, code, field, words], i) => ({
    name: `${method}() refuses ${describe(wrong)} (${code}, row ${i + 1})`,
    async run() {
      const { cortex, client } = record();
      const name = typeof errorName === "string"
        ? errorName
        : errorName[method.split(".")[0]!];
      const error = await rejectionOf(() => calls[method]!(cortex, wrong));
      assertEquals(
        { name: error.name, code: error.code, field: error.field },
        { name, code, field },
        error.message,
      );
      if (words !== undefined) assertStringIncludes(error.message, words);
      assert(error.message.length < 250, "the message stays short");
      assertEquals(client.calls, [], "nothing is sent");
    },
  }));
}

function describe(wrong: object): string {
  return JSON.stringify(
    wrong,
    (_, value) =>
      value === undefined || Number.isNaN(value) ? `${value}` : value,
  ).slice(0, 80);
}
