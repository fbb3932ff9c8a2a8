/** Parses the lines of an export. */
import { jsonToConvex, type JSONValue } from "convex/values";
import { INVALID_LINE, NOT_JSON } from "../moduleCodes.ts";
import { MAX_TIME_MS } from "../bounds.ts";
import { fail } from "../errors.ts";
import { IS_HALF } from "../freeForm/freeForm.ts";
import type { TableName } from "../model.ts";
import { UNIQUE } from "./transferTables.ts";

/** A line. */
export interface Line {
  number: number;
  table: TableName;
  /** The fields that identify the row that this one belongs to. */
  of?: Fields;
  /** The row, in full or in the form of `users.export`. */
  row: Fields;
  isShown: boolean;
}

/** Fields of a row. */
export type Fields = Record<string, unknown>;

/**
 * Fields that are counts, and fields that are measures or times. Other numbers in them would break exports and sums for
 * good.
 */
const COUNTS = new Set(
  ("accessCount bytes dims embeddingDims messageBytes messageCount nextSeq " +
    "passes revision seq version").split(" "),
);
const MEASURES = new Set(
  ("archivedAt completedAt createdAt deletedAt importance " +
    "importanceBeforeArchive joinedAt lastAccessed lastActive lastMessageAt " +
    "registeredAt requestedAt sourceTimestamp steppedAt timestamp updatedAt " +
    "versionStartedAt").split(" "),
);

/**
 * Parses a line.
 *
 * @throws {ConvexError} `INVALID_LINE`.
 */
export function parseLine(text: string, number: number): Line {
  const refuse = (why: string) => refused(number, why);
  let line: (Partial<Line> & { shown?: Fields }) | null;
  try {
    line = JSON.parse(text);
  } catch {
    return refuse(NOT_JSON);
  }
  const { table, of, shown, row: own } = line ?? {};
  const row = shown ?? own;
  // A list of one name would pass for the name.
  if (typeof table !== "string" || !Object.hasOwn(UNIQUE, table)) {
    return refuse("its table is unknown");
  }
  if (typeof row !== "object" || row === null) return refuse("it has no row");
  const common = {
    number,
    table,
    isShown: shown !== undefined,
    ...(of !== undefined && { of }),
  };
  if (!isPlausible(row) || !isPlausible(of ?? {})) {
    return refuse("a number or a text in its row is none");
  }
  if (!isDistinct(row.participants)) {
    return refuse("a participant is in its row twice");
  }
  // Rows of `users.export` have free-form fields as plain JSON, with any names.
  if (shown !== undefined) return { ...common, row };
  try {
    return {
      ...common,
      row: withoutLocal(jsonToConvex(row as JSONValue) as unknown as Fields),
    };
  } catch {
    return refuse("its row holds what is no value");
  }
}

/** Whether encoded fields can be those of a row. Values that JSON cannot hold are still objects here. */
function isPlausible(fields: Fields): boolean {
  const { embedding, dims } = fields;
  return Object.entries(fields).every(([name, value]) => {
    if (COUNTS.has(name)) {
      return Number.isSafeInteger(value) && (value as number) >= 0;
    }
    if (MEASURES.has(name)) {
      return isMinusZero(value) ||
        typeof value === "number" && Math.abs(value) <= MAX_TIME_MS;
    }
    return typeof value !== "string" || !IS_HALF.test(value);
  }) && (!Array.isArray(embedding) ||
    embedding.every((part) => Number.isFinite(part) || isMinusZero(part)) &&
      (dims === undefined || dims === embedding.length));
}

/** Whether a space's participants differ. Those of a conversation are no list. */
function isDistinct(participants: unknown): boolean {
  if (!Array.isArray(participants)) return true;
  const ids = participants.map((one) => (one as Fields | null)?.id);
  return new Set(ids).size === ids.length;
}

/** Convex's encoding of -0, which JSON can hold, but most writers of JSON do not write. */
const MINUS_ZERO = "AAAAAAAAAIA=";

/** Whether an encoded value is -0, which a model's vectors may contain. */
function isMinusZero(value: unknown): boolean {
  return (value as { $float?: unknown } | null)?.$float === MINUS_ZERO;
}

/**
 * Fields that are never imported: jobs continue only where they began, and foreign keys would let other tenants'
 * searches find the row.
 */
const LOCAL = new Set(
  "archiveJob deletingSince embeddingDocId held scopeKey sourceUserKey userKey"
    .split(" "),
);

/** The row without what only holds where it was. */
function withoutLocal(row: Fields): Fields {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !LOCAL.has(name)),
  );
}

/** Throws for a line. The message does not show the line's content. */
export function refused(number: number, why: string): never {
  return fail(
    INVALID_LINE,
    `line ${number} is not part of an export: ${why}`,
  );
}
