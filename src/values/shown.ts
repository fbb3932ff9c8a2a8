/**
 * Formats a value for an error message: its text, quoted if it is a string, or the names of an object's members, cut at
 * 80 characters.
 */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string"
      ? JSON.stringify(value)
      : Array.isArray(value)
      ? "an array"
      : String(value);
    if (text === "[object Object]") {
      text = `{ ${Object.keys(value as object)} }`;
    }
  } catch {
    // An object that cannot be converted to text, such as one without a prototype.
    text = typeof value;
  }
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
