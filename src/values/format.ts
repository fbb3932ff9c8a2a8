import { isBytes, isPlainObject } from "./kinds.ts";

/** Longest text of a value in a message, in characters. */
export const MAX_TEXT_LENGTH = 80;

/** A value of any kind as a short text for messages, cut at 80 characters; numbers as Convex shows them (`1.0`, `1e16`, `5e-5`). */
export function formatValue(value: unknown): string {
  return cutText(write(value, MAX_TEXT_LENGTH), MAX_TEXT_LENGTH);
}

/** A text cut at a number of characters, never inside a surrogate pair. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength;
  return text.slice(0, end) + "…";
}

/** Writes at least `budget` characters of the value where it has them, and not much more. */
function write(value: unknown, budget: number): string {
  if (budget < 0) return "…";
  switch (typeof value) {
    case "number":
      return writeNumber(value);
    case "bigint":
      return `${value}n`;
    case "string":
      return JSON.stringify(value.slice(0, budget + 1));
    case "function":
      return "[Function]";
    case "object":
      return value === null ? "null" : writeObject(value, budget);
    default:
      return String(value);
  }
}

function writeNumber(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? "inf" : "-inf";
  if (size >= 1e16 || size > 0 && size < 1e-4) {
    return value.toExponential().replace("+", "");
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

function writeObject(value: object, budget: number): string {
  if (isBytes(value)) return `ArrayBuffer(${value.byteLength})`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  // Brackets count, so that a value which holds itself comes to an end.
  const inside = budget - 2;
  if (Array.isArray(value)) {
    return `[${writeList(value, inside, (item, left) => write(item, left))}]`;
  }
  if (!isPlainObject(value)) return `[${constructorName(value)}]`;
  const keys = Object.keys(value);
  return `{${
    writeList(keys, inside, (key, left) => `${key}: ${write(value[key], left)}`)
  }}`;
}

/** Items one after another, with commas between them: as many as make a text of `budget` characters. */
export function writeList<Item>(
  items: readonly Item[],
  budget: number,
  one: (item: Item, left: number) => string,
): string {
  let text = "";
  for (let i = 0; i < items.length && text.length <= budget; i++) {
    text += (i === 0 ? "" : ", ") + one(items[i]!, budget - text.length);
  }
  return text;
}

/** Name of an object's class, for messages. */
export function constructorName(value: object): string {
  const name = (value as { constructor?: { name?: unknown } }).constructor
    ?.name;
  return typeof name === "string" && name !== "" ? name : "Object";
}
