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

/** What is wrong with the first member that is unknown and almost a known one; undefined: nothing. */
export function slipIn(
  given: object,
  known: readonly string[],
): { name: string; message: string } | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = known.find((other) => isAlmost(name, other));
    if (meant !== undefined && !CONTROLS.includes(name)) {
      return { name, message: `unknown ${name}: did you mean ${meant}?` };
    }
  }
}

/** Whether two names differ by case, by one letter, or by their unit. */
function isAlmost(one: string, other: string): boolean {
  const [short, long] = [one.toLowerCase(), other.toLowerCase()]
    .sort((a, b) => a.length - b.length) as [string, string];
  const longer = long.length - short.length;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  return long === `${short}ms` || short.length > 2 && longer < 2 &&
      short.slice(same + 1 - longer) === long.slice(same + 1);
}
