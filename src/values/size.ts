import { isCommitTs } from "./is_commit_ts.ts";
import { isBytes } from "./kinds.ts";
import type { Value } from "./types.ts";

/** From this length on, the host's encoder is faster than counting. */
const ENCODER_LENGTH = 500;

/**
 * Size of a value in bytes, as Convex counts it for its limits: null and booleans 1, numbers 9, strings and bytes
 * 2 + their bytes, arrays 2 + their elements, objects 2 + each name + 1 + its value. Undefined members do not count.
 */
export function valueSize(value: Value): number {
  switch (typeof value) {
    case "string":
      return 2 + utf8Length(value);
    case "number":
    case "bigint":
      return 9;
    case "boolean":
      return 1;
  }
  if (value === null) return 1;
  let size = 2;
  if (Array.isArray(value)) {
    // Handles numbers inline, because an embedding has thousands, each of which would be a call.
    for (const element of value) {
      size += typeof element === "number" ? 9 : valueSize(element);
    }
    return size;
  }
  if (isBytes(value)) return 2 + value.byteLength;
  const names = Object.keys(value);
  if (names.length === 0) return isCommitTs(value) ? 9 : 2;
  for (const name of names) {
    const member = value[name];
    if (member !== undefined) size += utf8Length(name) + 1 + valueSize(member);
  }
  return size;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  const { length } = text;
  if (length > ENCODER_LENGTH) return new TextEncoder().encode(text).length;
  let bytes = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    // A surrogate pair is two units and four bytes. Reading code points throughout takes a fifth longer.
    if (code >= 0xd800 && text.codePointAt(i)! > 0xffff) i++;
  }
  return bytes;
}
