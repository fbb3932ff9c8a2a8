/** Compares rows of an export with stored ones. */
import { convexToJson, v, type Value } from "convex/values";
import type { Row } from "../erasure/erasure.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";

type Fields = Record<string, unknown>;

/**
 * Why a row was skipped although it is not stored: another row has its name, or the name of the row that it belongs to.
 */
export type Conflict = "differs" | "owner";

/** Validator of the report of such a row, or of an erasure that is not continued here. */
export const conflict = v.object({
  /** Number of the row's line. */
  line: v.number(),
  reason: v.union(
    v.literal("differs"),
    v.literal("owner"),
    v.literal("erasing"),
  ),
});

/**
 * Fields that are not compared: valid only in one deployment, derived from others, or about when and how often the row
 * was used.
 */
const PASSED: ReadonlySet<string> = new Set([
  ..."_id _creationTime tenantId scopeKey userKey sourceUserKey".split(" "),
  ..."archiveJob deletingSince updatedAt versionStartedAt bytes searchText"
    .split(" "),
  ..."embeddingDims embeddingDocId textKey subjectKey predicateKey objectKey"
    .split(" "),
  ..."slotKey pairKey accessCount lastAccessed lastActive held".split(" "),
]);

/** The same by table. */
const PASSED_OF: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  conversations: ["messageCount", "messageBytes", "nextSeq", "lastMessageAt"],
  messages: ["conversationDocId", "seq"],
  mutable: ["revision"],
  memoryVersions: ["memoryDocId"],
  // Versions of older exports do not have their user.
  immutableVersions: ["immutableDocId", "userId"],
  spaceParticipants: ["joinedAt"],
  // Whether a fact is current follows from the link to its successor.
  facts: ["isCurrent", "validUntil"],
};

/** A row of an export as it would be stored, the stored row with its name, and the row that it belongs to. */
interface Arrival {
  row: Fields;
  found: Row | null;
  owner: Row | undefined;
}

/** Why a row cannot be stored: it exists, or another row is in its place. Undefined if it can. */
export async function knownAs(
  ctx: QueryCtx,
  table: TableName,
  { row, found, owner }: Arrival,
): Promise<"here" | "differs" | undefined> {
  const is = (isHere: boolean) => isHere ? "here" : "differs";
  const isFree = found === null && isOfPresent(table, row, owner);
  if (isFree) return undefined;
  if (EMBEDDINGS.has(table)) return is(!isWanting(owner as Fields));
  if (found === null) return is(isSameState(owner as Fields, row));
  return is(
    isSame(table, found as Fields, row) ||
      await isFormer(ctx, table, found, row),
  );
}

/** Tables of embeddings. */
export const EMBEDDINGS: ReadonlySet<TableName> = new Set([
  "memoryEmbeddings",
  "memoryEmbeddingsWide",
  "factEmbeddings",
  "factEmbeddingsWide",
]);

/** Whether a stored row lacks an embedding that a search by meaning would use. */
function isWanting(owner: Fields): boolean {
  return owner.embeddingDims === undefined &&
    (owner.isActive ?? owner.isCurrent) === true;
}

/** Whether two rows of a table with the same name have the same content. */
function isSame(table: TableName, here: Fields, row: Fields): boolean {
  // An erasure is continued only in the deployment where it was requested.
  if (table === "deletionRequests") return true;
  const passed = PASSED_OF[table] ?? [];
  const names = new Set([...Object.keys(here), ...Object.keys(row)]);
  return [...names].every((name) =>
    PASSED.has(name) || passed.includes(name) ||
    // A later state in the export is applied separately, and one here is kept.
    (name === "supersededBy" &&
      (here[name] === undefined || row[name] === undefined)) ||
    sameValue(here[name], row[name])
  );
}

/** Whether a row equals a former version of the stored one. */
export async function isFormer(
  ctx: QueryCtx,
  table: TableName,
  here: Row,
  row: Fields,
): Promise<boolean> {
  const version = row.version as number;
  if (row.createdAt !== (here as { createdAt?: number }).createdAt) {
    return false;
  }
  if (table === "memories") {
    const { _id } = here as Doc<"memories">;
    const known = await ctx.db.query("memoryVersions")
      .withIndex(
        "by_memory_version",
        (q) => q.eq("memoryDocId", _id).eq("version", version),
      )
      .first();
    return known?.content === row.content;
  }
  if (table === "immutable") {
    const { _id } = here as Doc<"immutable">;
    const known = await ctx.db.query("immutableVersions")
      .withIndex(
        "by_entry_version",
        (q) => q.eq("immutableDocId", _id).eq("version", version),
      )
      .first();
    return known !== null && isSameState(known, row);
  }
  return false;
}

/** Whether two versions of a memory or a record have the same content. */
export function isSameState(here: Fields, row: Fields): boolean {
  return here.version === row.version &&
    ["content", "data", "dataJson"].every((name) =>
      sameValue(here[name], row[name])
    );
}

/** Whether a row belongs to the stored state of its owner, which may be older or newer than in the export. */
function isOfPresent(
  table: TableName,
  { version, dims }: Fields,
  owner: Row | undefined,
): boolean {
  const { version: present, embeddingDims } = (owner ?? {}) as Fields;
  switch (table) {
    case "memoryVersions":
    case "immutableVersions":
      return (version as number) < (present as number);
    default:
      return !EMBEDDINGS.has(table) || dims === embeddingDims;
  }
}

/** Whether two values are equal, in any order of their fields. */
function sameValue(one: unknown, other: unknown): boolean {
  return one === other || textOf(one) === textOf(other);
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return JSON.stringify(
    convexToJson(value as Value),
    (_, inner) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(
          Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1),
        )
        : inner,
  );
}
