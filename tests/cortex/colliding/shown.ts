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

/** A value with its members sorted and every id that was made up replaced. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (UNSTABLE.has(name)) return undefined;
    // Kept answers are texts with such members; whether there is one says enough.
    if (name === "result" && typeof member === "string") return member !== "";
    if (typeof member === "number") return Number(member.toPrecision(14));
    return sorted(member);
  }) ?? "undefined";
  return text.replace(MADE_UP, "$1-made-up");
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
