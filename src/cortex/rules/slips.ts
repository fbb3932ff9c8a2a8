/**
 * Finds misspelt names of arguments. Unknown names are ignored, because a program written for another version may use
 * them; but `userID` instead of `userId` would return every user's memories, so names like it are refused.
 */
import { inCommon } from "../../unknown_option.ts";

/** Options of every method, and `dryRun`: misplacing it would delete what should only be counted. */
export const CONTROLS: readonly string[] = [
  "signal",
  "timeoutMs",
  "idempotencyKey",
  "onProgress",
  "dryRun",
];

/**
 * The first wrong name among `given`, or undefined. An unknown name is wrong if it resembles a known one that is not
 * given, if it is a control where none is accepted, or, when `known` holds `!`, in any case.
 */
export function slipIn(
  given: object,
  known: readonly string[],
): { name: string; message: string } | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = [...known, ...CONTROLS].find((other) =>
      isAlmost(name, other) &&
      (name === other ||
        (given as Record<string, unknown>)[other] === undefined)
    );
    if (meant || known.includes("!")) {
      const message = !meant
        ? `This method has no ${name}`
        : known.includes(meant)
        ? `unknown ${name}: did you mean ${meant}?`
        : `${meant} must be in the options, the last argument`;
      return { name, message };
    }
  }
}

/** Whether two names differ only in case, in one letter, in two swapped letters, or by "Id", "Ms" or "Key" at the end. */
function isAlmost(given: string, known: string): boolean {
  const [one, other] = [given.toLowerCase(), known.toLowerCase()];
  const longer = Math.max(one.length, other.length);
  const apart = longer - inCommon(one, other);
  return one.length > 2 && other.length > 2 && (
    apart < 2 || apart === 2 && sorted(one) === sorted(other) ||
    [one + "id", one + "ms", one + "key"].includes(other)
  );
}

function sorted(text: string): string {
  return [...text].sort().join();
}
