/** Whether a row that is here says what the row of an export says. */
import { convexToJson, v, type Value } from "convex/values";
import type { Row } from "../erasure/erasure.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";

type Fields = Record<string, unknown>;

/** Why a row was left out that is not here: another one is under its name, or under that of the row it belongs to. */
export type Conflict = "differs" | "owner";

/** How a result reports such a row, or an erasure that does not continue here. */
export const conflict = v.object({
  /** Number of its line. */
  line: v.number(),
  reason: v.union(
    v.literal("differs"),
    v.literal("owner"),
    v.literal("erasing"),
  ),
});

/** Fields that hold only where the row is, follow from others, or say when and how often it was used. */
const PASSED: ReadonlySet<string> = new Set([
  ..."_id _creationTime tenantId scopeKey userKey sourceUserKey".split(" "),
  ..."archiveJob deletingSince updatedAt bytes searchText".split(" "),
  ..."embeddingDims embeddingDocId textKey subjectKey predicateKey objectKey"
    .split(" "),
  ..."slotKey pairKey accessCount lastAccessed lastActive".split(" "),
]);

/** Likewise, of tables. */
const PASSED_OF: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  conversations: ["messageCount", "messageBytes", "nextSeq", "lastMessageAt"],
  messages: ["conversationDocId", "seq"],
  mutable: ["revision"],
  memoryVersions: ["memoryDocId"],
  immutableVersions: ["immutableDocId"],
  spaceParticipants: ["joinedAt"],
  // Whether they are current follows from the link to their successor.
  facts: ["isCurrent", "validUntil"],
};

/** A row of an export as it would be here, the one that is here under its name, and the one that it belongs to. */
interface Arrival {
  row: Fields;
  found: Row | null;
  owner: Row | undefined;
}

/** Why a row has no place here; undefined when it has. */
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

/** Whether a search by meaning would find what is here if it had an embedding. */
function isWanting(owner: Fields): boolean {
  return owner.embeddingDims === undefined &&
    (owner.isActive ?? owner.isCurrent) === true;
}

/** Whether two rows of a table under one name say the same. */
function isSame(table: TableName, here: Fields, row: Fields): boolean {
  // An erasure continues where it was asked for.
  if (table === "deletionRequests") return true;
  const passed = PASSED_OF[table] ?? [];
  const names = new Set([...Object.keys(here), ...Object.keys(row)]);
  return [...names].every((name) =>
    PASSED.has(name) || passed.includes(name) ||
    // A later state there is followed, one here is kept.
    (name === "supersededBy" &&
      (here[name] === undefined || row[name] === undefined)) ||
    sameValue(here[name], row[name])
  );
}

/** Whether what a row says is kept as a former version of the one that is here. */
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

/** Whether a version of a memory or a record is what the other is. */
export function isSameState(here: Fields, row: Fields): boolean {
  return here.version === row.version &&
    ["content", "data", "dataJson"].every((name) =>
      sameValue(here[name], row[name])
    );
}

/** Whether a row below another one is of that one as it is here, where it may be older or newer than in the export. */
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

/** Whether two values are the same, in whichever order their fields are. */
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
