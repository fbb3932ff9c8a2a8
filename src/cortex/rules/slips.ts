/**
 * Names that are almost those of arguments. A program for another version may give members that this one does not know,
 * which are passed over; but who writes `userID` for `userId` would get every user's memories.
 */

/** Members that every options object may have. */
export const CONTROLS: readonly string[] = [
  "signal",
  "timeoutMs",
  "idempotencyKey",
  "onProgress",
];

/** What is wrong with the first member that is unknown and almost a known one, which is not there; undefined: nothing. */
export function slipIn(
  given: object,
  known: readonly string[],
): { name: string; message: string } | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = known.find((other) =>
      isAlmost(name, other) &&
      (given as Record<string, unknown>)[other] === undefined
    );
    if (meant !== undefined) {
      return { name, message: `unknown ${name}: did you mean ${meant}?` };
    }
  }
}

/** Whether two names differ by case, by one letter, by two that are swapped, or by "Id" or a unit at the end. */
function isAlmost(given: string, known: string): boolean {
  const [short, long] = [given, known].map((name) => name.toLowerCase())
    .sort((a, b) => a.length - b.length) as [string, string];
  const longer = long.length - short.length;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  const [left, more] = [short.slice(same), long.slice(same)];
  return short.length > 2 && (
    given.length < known.length && left === "" && /^(id|ms)$/.test(more) ||
    longer < 2 && left.slice(1 - longer) === more.slice(1) ||
    longer === 0 && left.slice(2) === more.slice(2) &&
      left[0] === more[1] && left[1] === more[0]
  );
}
