/** Formats a number as Convex's messages do: `1.0`, `-0.0`, `1e16`, `5e-5`, `inf`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? "inf" : "-inf";
  if (size >= 1e16 || size > 0 && size < 1e-4) {
    return value.toExponential().replace("+", "");
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}
