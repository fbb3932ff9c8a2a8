/** Versions of a profile as returned: without the record's type and id. */
import { v } from "convex/values";
import type { ExpandedVersion } from "../immutable/immutableStore.ts";
import { pick } from "../shapes.ts";

/** Validator of a version of a profile. */
export const userVersion = v.object({
  version: v.number(),
  data: v.optional(v.any()),
  dataJson: v.optional(v.string()),
  timestamp: v.number(),
});

/** Converts a version of a record to one of a profile; null for null. */
export function toUserVersion(
  found: ExpandedVersion | null,
): typeof userVersion.type | null {
  if (found === null) return null;
  return pick(found, ["version", "data", "dataJson", "timestamp"]);
}
