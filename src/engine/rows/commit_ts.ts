import { isCommitTs } from "../../values/is_commit_ts.ts";
import { jsonToValue, stringifyValue } from "../../values/json.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { JsonValue, Value } from "../../values/types.ts";

/** How a row shows the place of a timestamp that comes with the commit. No text in a row can look like it. */
const MARK = '{"$commitTs":null}';

/** Whether a document's row waits for the timestamp of its commit. */
export function isPendingRow(row: string): boolean {
  return row.includes(MARK);
}

/** Whether a value has the placeholder in it. */
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

/** As `jsonToValue`, for JSON that may show the placeholder. */
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

/** A document's row with the timestamp in the place of each placeholder. */
export function withTsInRow(row: string, ts: bigint): string {
  return row.replaceAll(MARK, stringifyValue(ts));
}
