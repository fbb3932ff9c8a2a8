/** Throws Convex's error for a missing argument. */
export function requireArgument(
  value: unknown,
  position: number,
  method: string,
  name: string,
): void {
  if (value === undefined) {
    throw new TypeError(
      `Must provide arg ${position} \`${name}\` to \`${method}\``,
    );
  }
}
