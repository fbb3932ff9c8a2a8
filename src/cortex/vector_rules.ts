/** What `cortex.vector` asks of its arguments, in the order in which it is checked. */
import { VectorValidationError } from "../errors.ts";
import { CONTENT_TYPES, sourceType, tenant, vector } from "./field_rules.ts";
import {
  arrayOf,
  between,
  type Check,
  filled,
  notBlank,
  object,
  oneOf,
  optional,
  ownId,
  positiveInteger,
  present,
  type Row,
  rules,
  string,
  text,
  timestamp,
} from "./rules.ts";

const vectors = (rows: readonly Row[]): Check =>
  rules(VectorValidationError, rows);

const memorySpaceId: Row = ["memorySpaceId", text("INVALID_MEMORY_SPACE_ID")];
const importance = between("INVALID_IMPORTANCE_RANGE", 0, 100);
const tags = arrayOf(
  "INVALID_TAGS",
  (tag) => typeof tag === "string",
  "must be a string",
);
const embedding: Row = [
  "embedding",
  optional(vector("must be a number, and a finite one")),
];

/** `store`; the input is under `input` too, so that a missing one is told. */
export const checkStore: Check = vectors([
  memorySpaceId,
  ["input", object()],
  ["content", filled(), notBlank()],
  ["contentType", present(), oneOf("INVALID_CONTENT_TYPE", CONTENT_TYPES)],
  ["source", present()],
  ["source.type", present(), sourceType],
  ["metadata", present()],
  ["metadata.importance", present(), importance],
  ["metadata.tags", present(), tags],
  embedding,
  ["tenantId", tenant],
  ["memoryId", optional(ownId("INVALID_MEMORY_ID"))],
  ["source.timestamp", optional(timestamp)],
]);

/** `get` */
export const checkGet: Check = vectors([
  memorySpaceId,
  ["memoryId", text("INVALID_MEMORY_ID")],
]);

/** `search` */
export const checkSearch: Check = vectors([
  memorySpaceId,
  embedding,
  ["tags", optional(tags)],
  ["sourceType", optional(sourceType)],
  ["minImportance", optional(importance)],
  ["minScore", optional(between("INVALID_MIN_SCORE_RANGE", 0, 1))],
  ["limit", optional(positiveInteger("INVALID_LIMIT"))],
  ["queryCategory", optional(string("INVALID_QUERY_CATEGORY"))],
]);
