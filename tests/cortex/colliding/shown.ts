/** Values as text, without what may differ between two runs of one program. */

/** Ids of rows, hashes and texts of ids, and what depends on the length of ids. */
const UNSTABLE = new Set([
  "_id",
  "_creationTime",
  "argsHash",
  "avgBytes",
  "bytes",
  "conversationDocId",
  "cursor",
  "embeddingDocId",
  "eventId",
  "exportedAt",
  "factDocId",
  "immutableDocId",
  "issues",
  "keyDocId",
  "memoryDocId",
  "messageBytes",
  "pairKey",
  "requestId",
  "scopeKey",
  "score",
  "searchText",
  "sourceUserKey",
  "steppedAt",
  "storage",
  "storageBytes",
  "subjectHash",
  "subjectKey",
  "totalBytes",
  "userKey",
]);

const MADE_UP =
  /\b(conv|erase|fact|fh|mem|msg|orch)-(\d{13}-[a-z0-9]+|[0-9a-f]{32})/g;

/** Lists in the order of ids. */
const UNORDERED = new Set(["memorySpaceIds", "memorySpacesAffected"]);

/**
 * A value with its members sorted and every id that was made up replaced.
 *
 * @param renamed Replaces ids in a text.
 */
export function shown(
  value: unknown,
  renamed: (text: string) => string,
): string {
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (UNSTABLE.has(name)) return undefined;
    // Kept answers are texts with such members; whether there is one says enough.
    if (name === "result" && typeof member === "string") return member !== "";
    if (typeof member === "number") return Number(member.toPrecision(14));
    if (!Array.isArray(member)) return sorted(member);
    return UNORDERED.has(name)
      ? member.map((id) => JSON.stringify(id)).sort((a, b) =>
        renamed(a) < renamed(b) ? -1 : 1
      )
      : member;
  }) ?? "undefined";
  return renamed(text).replace(MADE_UP, "$1-made-up");
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
