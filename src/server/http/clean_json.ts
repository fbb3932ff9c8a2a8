import { encodeBase64 } from "../../values/base64.ts";
import type { Value } from "../../values/types.ts";

/**
 * Text of a value in Convex's "clean" JSON (`format: "json"`): what a caller without a Convex library reads. Integers
 * become decimal strings, bytes base64, the special floats `"NaN"`, `"Infinity"`, `"-Infinity"` and `-0.0`; the form
 * cannot be decoded back without knowing the types.
 */
export function cleanJson(value: Value): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `"${value}"`;
  if (typeof value === "number") return cleanNumber(value);
  if (value instanceof ArrayBuffer) {
    return `"${encodeBase64(new Uint8Array(value))}"`;
  }
  if (Array.isArray(value)) return `[${value.map(cleanJson).join(",")}]`;
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    members.push(`${JSON.stringify(name)}:${cleanJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

function cleanNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : `${value}`;
  return `"${value}"`;
}
