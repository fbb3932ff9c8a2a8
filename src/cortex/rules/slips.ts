/**
 * Names that are almost those of arguments. A program for another version may give members that this one does not know,
 * which are passed over; but who writes `userID` for `userId` would get every user's memories.
 */
import { inCommon } from "../../unknown_option.ts";

/** Members that every options object may have, and the one whose loss would delete what was only to be counted. */
export const CONTROLS: readonly string[] = [
  "signal",
  "timeoutMs",
  "idempotencyKey",
  "onProgress",
  "dryRun",
];

/**
 * What is wrong with the first member that is unknown and almost a known one, which is not there, or that is a control,
 * where none is known, or any unknown one beside `!`; undefined: nothing.
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

/** Whether two names differ by case, by one letter, by two that are swapped, or by "Id" or a unit at the end. */
function isAlmost(given: string, known: string): boolean {
  const [one, other] = [given.toLowerCase(), known.toLowerCase()];
  const longer = Math.max(one.length, other.length);
  const apart = longer - inCommon(one, other);
  return Math.min(one.length, other.length) > 2 && (
    apart < 2 || apart === 2 && sorted(one) === sorted(other) ||
    [one + "id", one + "ms"].includes(other)
  );
}

function sorted(text: string): string {
  return [...text].sort().join();
}
