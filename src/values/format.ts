import { isBytes, isPlainObject } from "./kinds.ts";

/** Longest text of a value in a message, in characters. */
export const MAX_TEXT_LENGTH = 80;

/** Formats any value for messages, cut at 80 characters; `number` formats numbers. */
export function formatValue(
  value: unknown,
  number: (value: number) => string = String,
): string {
  return cutText(write(value, MAX_TEXT_LENGTH, number), MAX_TEXT_LENGTH);
}

/** Cuts a text at a number of characters, but never inside a surrogate pair. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength;
  return text.slice(0, end) + "…";
}

/** Writes at least `budget` characters of the value, if it has them, and not much more. */
function write(
  value: unknown,
  budget: number,
  number: (value: number) => string,
): string {
  if (budget < 0) return "…";
  switch (typeof value) {
    case "number":
      return number(value);
    case "bigint":
      return `${value}n`;
    case "string":
      return JSON.stringify(value.slice(0, budget + 1));
    case "function":
      return "[Function]";
    case "object":
      return value === null ? "null" : writeObject(value, budget, number);
    default:
      return String(value);
  }
}

function writeObject(
  value: object,
  budget: number,
  number: (value: number) => string,
): string {
  if (isBytes(value)) return `ArrayBuffer(${value.byteLength})`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  // Brackets count, so that a value that contains itself comes to an end.
  const inside = budget - 2;
  if (Array.isArray(value)) {
    return `[${
      writeList(value, inside, (item, left) => write(item, left, number))
    }]`;
  }
  if (!isPlainObject(value)) return `[${constructorName(value)}]`;
  const keys = Object.keys(value);
  return `{${
    writeList(keys, inside, (key, left) =>
      `${key}: ${write(value[key], left, number)}`)
  }}`;
}

/** Writes items, separated by commas, until the text has `budget` characters. */
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
