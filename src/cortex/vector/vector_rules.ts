/** Argument checks of `cortex.vector`, in the order in which they run. */
import { INVALID_MIN_SCORE_RANGE } from "../../convex/lib/moduleCodes.ts";
import { VectorValidationError } from "../../errors.ts";
import {
  CONTENT_TYPES,
  flags,
  memoryDetails,
  ofTenant,
  sourceType,
  texts,
  vector,
} from "../rules/field_rules.ts";
import {
  arrayOf,
  between,
  type Check,
  controls,
  FORMAT,
  INVALID_TIMESTAMP,
  must,
  notBlank,
  object,
  oneOf,
  ownId,
  positiveInteger,
  type Row,
  rules,
  string,
  type Test,
  timestamp,
} from "../rules/rules.ts";
import {
  A_STRING,
  filled,
  INVALID_EXPORT_FORMAT,
  INVALID_LIMIT,
  INVALID_VERSION,
  membersOf,
  present,
  text,
} from "../rules/rule_words.ts";

const vectors = (rows: readonly Row[]): Check =>
  rules(VectorValidationError, rows);

const memorySpaceId: Row = ["memorySpaceId", text("INVALID_MEMORY_SPACE_ID")];
const importance = between("INVALID_IMPORTANCE_RANGE", 0, 100);
const tags = arrayOf(
  "INVALID_TAGS",
  (tag) => typeof tag === "string",
  A_STRING,
);
const embedding: Row = [
  "embedding?",
  vector("must be a number, and a finite one"),
];

const ofTags: Row = ["tags?", tags];
const ofSource: Row = ["sourceType?", sourceType];
const limit: Row = ["limit?", positiveInteger(INVALID_LIMIT)];
const ofImportance: Row = ["importance?", importance];

const time = (
  holds: (value: unknown) => boolean,
  says: string,
): Test =>
  must(
    INVALID_TIMESTAMP,
    holds,
    `%f must be ${says}; %v`,
  );

const pointInTime: Test[] = [
  time(
    (value) => !(value instanceof Date) || !Number.isNaN(value.getTime()),
    "a valid Date",
  ),
  time(
    (value) =>
      value instanceof Date ||
      typeof value === "number" && !Number.isNaN(value),
    "a number or Date",
  ),
  time((value) => Number(value) >= 0, "a non-negative number"),
];

/** Rules of `store`. The whole input is checked under the name `input` as well, so that a missing one is reported. */
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
  ofTenant,
  ["memoryId?", ownId("INVALID_MEMORY_ID")],
  ["source.timestamp?", timestamp],
  ...texts("participantId?"),
  ...memoryDetails,
]);

const memoryId: Row = ["memoryId", text("INVALID_MEMORY_ID")];

/** `get`, `delete`, `archive`, `restoreFromArchive`, `getHistory` */
export const checkNamed: Check = vectors([memorySpaceId, memoryId]);

/** `search` */
export const checkSearch: Check = vectors([
  controls(),
  memorySpaceId,
  embedding,
  ofTags,
  ofSource,
  ["minImportance?", importance],
  ["minScore?", between(INVALID_MIN_SCORE_RANGE, 0, 1)],
  limit,
  ["queryCategory?", string("INVALID_QUERY_CATEGORY")],
  ofTenant,
  ...texts("query", "userId?"),
  ...flags(FORMAT, "hybrid?"),
]);

const isObject = object();

/** `list`, `count` */
export const checkList: Check = vectors([
  ["filter", isObject],
  ...membersOf(
    "filter",
    memorySpaceId,
    ofSource,
    limit,
    ofTenant,
    ...texts("userId?", "participantId?"),
  ),
]);

/** `update` */
export const checkUpdate: Check = vectors([
  memorySpaceId,
  memoryId,
  ["updates", isObject],
  ...membersOf(
    "updates",
    ["content?", string(), notBlank()],
    ofImportance,
    ofTags,
    embedding,
  ),
]);

/** `getVersion` */
export const checkVersion: Check = vectors([
  memorySpaceId,
  memoryId,
  ["version", positiveInteger(INVALID_VERSION)],
]);

/** `getAtTimestamp` */
export const checkAtTimestamp: Check = vectors([
  memorySpaceId,
  memoryId,
  ["timestamp", ...pointInTime],
]);

const chosen: Row[] = [
  ["filter", isObject],
  ["filter.!"],
  ...membersOf(
    "filter",
    memorySpaceId,
    ofSource,
    ofTenant,
    ...texts("userId?"),
  ),
];

/** `deleteMany` */
export const checkDeleteMany: Check = vectors(chosen);

/** `updateMany` */
export const checkUpdateMany: Check = vectors([
  ...chosen,
  ["updates", isObject],
  ...membersOf("updates", ofImportance, ofTags),
]);

/** `export` */
export const checkExport: Check = vectors([
  ["options", isObject],
  ["options.!"],
  ...membersOf(
    "options",
    memorySpaceId,
    ["format", oneOf(INVALID_EXPORT_FORMAT, ["json", "csv"])],
    ofTenant,
    ...texts("userId?"),
    ...flags(FORMAT, "includeEmbeddings?"),
  ),
]);
