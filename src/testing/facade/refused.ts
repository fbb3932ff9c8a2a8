/** What an error must say of the option that it refuses. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

/** Wrong options, and what the error says of them. */
export type RefusedRow = readonly [
  wrong: object,
  code: string,
  field: string | undefined,
  words: string,
];

/** Asserts that it throws an error of this name, with what the row says, and shows no secret. */
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
