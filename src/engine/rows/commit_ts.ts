import { isCommitTs } from "../../values/is_commit_ts.ts";
import { jsonToValue, stringifyValue } from "../../values/json.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { JsonValue, Value } from "../../values/types.ts";

/** Placeholder for the timestamp of the commit in a row. No string in a row can look like it. */
const MARK = '{"$commitTs":null}';

/** Whether a row contains a placeholder. */
export function isPendingRow(row: string): boolean {
  return row.includes(MARK);
}

/** Whether a value contains a placeholder. */
export function hasCommitTs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasCommitTs);
  return isPlainObject(value)
    ? Object.values(value).some(hasCommitTs)
    : isCommitTs(value);
}

/** A copy of a value with each placeholder replaced by the timestamp; anything but Convex values stays as it is. */
export function withCommitTs<T>(value: T, ts: bigint): T {
  const resolve = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(resolve);
    if (!isPlainObject(part)) return isCommitTs(part) ? ts : part;
    const out: { [name: string]: unknown } = {};
    for (const name of Object.keys(part)) out[name] = resolve(part[name]);
    return out;
  };
  return resolve(value) as T;
}

/** Like `jsonToValue`, for JSON that may contain placeholders. */
export function pendingToValue(json: JsonValue, placeholder: object): Value {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) {
    return json.map((element) => pendingToValue(element, placeholder));
  }
  if ("$commitTs" in json) return placeholder as Value;
  const out = Object.entries(json);
  if (out.length === 1 && out[0]![0].startsWith("$")) return jsonToValue(json);
  return Object.fromEntries(
    out.map(([name, part]) => [name, pendingToValue(part, placeholder)]),
  );
}

/** A row with each placeholder replaced by the timestamp. */
export function withTsInRow(row: string, ts: bigint): string {
  return row.replaceAll(MARK, stringifyValue(ts));
}
