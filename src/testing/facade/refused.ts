/** What an error must say about a refused option. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

/** Wrong options, and a part of the error message. */
export type RefusedRow = readonly [
  wrong: object,
  code: string,
  field: string | undefined,
  words: string,
];

/** Asserts that a function throws an error with this name and text that shows no secret. */
export function refused(
  build: () => unknown,
  name: string,
  [, code, field, words]: RefusedRow,
): void {
  const error = assertThrows(build, Error) as Error & {
    code: string;
    field?: string;
  };
  assertEquals(
    { name: error.name, code: error.code, field: error.field },
    { name, code, field },
    error.message,
  );
  assertStringIncludes(error.message, words);
  assert(!error.message.includes("secret"), "no secret is shown");
}
