/** Exports of facts, in parts that are concatenated. */
import { convexToJson, type Value } from "convex/values";
import { MAX_TIME_MS } from "../bounds.ts";
import { csvPart, jsonPart, type PartPlace } from "../export/exportText.ts";
import { continuation, type FactStretch, scanFacts } from "./factPage.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { toFactRecord } from "../shapes.ts";

/** Formats of an export. */
export type FactFormat = "json" | "jsonld" | "csv";

/** A part of an export. */
export interface FactPart {
  data: string;
  count: number;
  done: boolean;
  cursor?: string;
}

const COLUMNS = [
  "factId",
  "fact",
  "factType",
  "subject",
  "predicate",
  "object",
  "confidence",
  "sourceType",
  "tags",
  "createdAt",
] as const;

/** Makes one part of an export of a space's facts. The cursor says whether a record came before. */
export async function exportPart(
  ctx: QueryCtx,
  scope: Scope,
  format: FactFormat,
  { cursor: given, ...stretch }: FactStretch,
): Promise<FactPart> {
  const hasRecords = given?.startsWith(AFTER_RECORDS) ?? false;
  const rows: Doc<"facts">[] = [];
  const cursor = await scanFacts(
    ctx,
    scope,
    { ...stretch, cursor: given?.slice(1) },
    (row) => {
      rows.push(row);
      return true;
    },
  );
  const place: PartPlace = {
    isFirst: given === undefined,
    hasRecords,
    isLast: cursor === undefined,
  };
  const mark = hasRecords || rows.length > 0 ? AFTER_RECORDS : BEFORE_RECORDS;
  return {
    data: WRITERS[format](rows, place),
    count: rows.length,
    ...continuation(cursor && mark + cursor),
  };
}

/** First character of a cursor. */
const AFTER_RECORDS = ",";
const BEFORE_RECORDS = " ";

const WRITERS: Record<
  FactFormat,
  (rows: readonly Doc<"facts">[], place: PartPlace) => string
> = {
  json: (rows, place) => jsonPart(rows.map(toJson), place),
  jsonld: (rows, place) => {
    const graph = jsonPart(rows.map(toNode), place).replaceAll("\n", "\n  ");
    const head = '{\n  "@context": "https://schema.org/",\n  "@graph": ';
    return `${place.isFirst ? head : ""}${graph}${place.isLast ? "\n}" : ""}`;
  },
  csv: (rows, place) => csvPart(COLUMNS, rows.map(toCells), place),
};

/** Converts a fact to JSON. Values that JSON lacks are encoded as Convex does. */
function toJson(row: Doc<"facts">): unknown {
  const { metadataJson, ...record } = toFactRecord(row);
  const json = convexToJson(record as unknown as Value) as object;
  return metadataJson === undefined
    ? json
    : { ...json, metadata: JSON.parse(metadataJson) };
}

function toNode(row: Doc<"facts">): object {
  return {
    "@type": "Fact",
    "@id": row.factId,
    subject: row.subject,
    predicate: row.predicate,
    object: row.object,
    factStatement: row.fact,
    confidence: row.confidence,
    factType: row.factType,
    dateCreated: isoDate(row.createdAt),
    validFrom: isoDate(row.validFrom),
    validThrough: isoDate(row.validUntil),
  };
}

function isoDate(ms: number | undefined): string | undefined {
  // A number outside the range of `Date` is not a date.
  return ms !== undefined && Math.abs(ms) <= MAX_TIME_MS
    ? new Date(ms).toISOString()
    : undefined;
}

function toCells(row: Doc<"facts">) {
  return COLUMNS.map((column) =>
    column === "tags"
      ? row.tags.join(";")
      : column === "createdAt"
      ? isoDate(row.createdAt)
      : row[column]
  );
}
