/** Wrong arguments of `vector`, of the methods that need a memory or a filter. */
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

const space = "space";

const calls = {
  "vector.list": (cortex, { filter, ...wrong }) =>
    cortex.vector.list(
      filter === null ? filter : { memorySpaceId: space, ...wrong },
    ),
  "vector.count": (cortex, { filter, ...wrong }) =>
    cortex.vector.count(
      filter === null ? filter : { memorySpaceId: space, ...wrong },
    ),
  "vector.delete": (cortex, { memorySpaceId = space, memoryId = "m" }) =>
    cortex.vector.delete(memorySpaceId, memoryId),
  "vector.update": (cortex, wrong) => {
    const { memorySpaceId = space, memoryId = "m", updates, ...rest } = wrong;
    return cortex.vector.update(
      memorySpaceId,
      memoryId,
      updates === null ? updates : rest,
    );
  },
  "vector.getVersion": (
    cortex,
    { memorySpaceId = space, memoryId = "m", version },
  ) => cortex.vector.getVersion(memorySpaceId, memoryId, version),
  "vector.getHistory": (cortex, { memorySpaceId = space, memoryId = "m" }) =>
    cortex.vector.getHistory(memorySpaceId, memoryId),
  "vector.getAtTimestamp": (
    cortex,
    { memorySpaceId = space, memoryId = "m", timestamp },
  ) => cortex.vector.getAtTimestamp(memorySpaceId, memoryId, timestamp),
  "vector.deleteMany": (cortex, { filter, ...wrong }) =>
    cortex.vector.deleteMany(
      filter === null ? filter : { memorySpaceId: space, ...wrong },
    ),
  "vector.updateMany": (cortex, { updates = {}, ...wrong }) =>
    cortex.vector.updateMany({ memorySpaceId: space, ...wrong }, updates),
  "vector.export": (cortex, { options, ...wrong }) =>
    cortex.vector.export(
      options === null
        ? options
        : { memorySpaceId: space, format: "json", ...wrong },
    ),
  "vector.archive": (cortex, { memorySpaceId = space, memoryId = "m" }) =>
    cortex.vector.archive(memorySpaceId, memoryId),
  "vector.restoreFromArchive": (
    cortex,
    { memorySpaceId = space, memoryId = "m" },
  ) => cortex.vector.restoreFromArchive(memorySpaceId, memoryId),
} satisfies CallsByName;

type Method = keyof typeof calls;

const missing = "MISSING_REQUIRED_FIELD";
const noSpace = "INVALID_MEMORY_SPACE_ID";

/** Each method that names a memory, without the space and without the memory. */
const named: Refusal<Method>[] = ([
  "vector.delete",
  "vector.update",
  "vector.getVersion",
  "vector.getHistory",
  "vector.getAtTimestamp",
  "vector.archive",
  "vector.restoreFromArchive",
] as const).flatMap((method): Refusal<Method>[] => [
  [
    method,
    { memorySpaceId: " " },
    noSpace,
    "memorySpaceId",
    "memorySpaceId is required",
  ],
  [
    method,
    { memoryId: "" },
    "INVALID_MEMORY_ID",
    "memoryId",
    "memoryId is required",
  ],
]);

// deno-fmt-ignore
const rows: readonly Refusal<Method>[] = [
  ...named,
  ["vector.list", { filter: null }, missing, "filter"],
  ["vector.list", { memorySpaceId: "" }, noSpace, "memorySpaceId", "memorySpaceId is required"],
  ["vector.list", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["vector.list", { limit: 0 }, "INVALID_LIMIT", "limit", "must be a positive integer"],
  ["vector.list", { limit: "1" }, "INVALID_LIMIT", "limit", "must be a number"],
  ["vector.count", { filter: null }, missing, "filter"],
  ["vector.count", { memorySpaceId: 5 }, noSpace, "memorySpaceId"],
  ["vector.count", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["vector.update", { updates: null }, missing, "updates"],
  ["vector.update", { content: "" }, missing, "content", "content cannot be empty"],
  ["vector.update", { content: " \n" }, missing, "content", "content cannot be empty"],
  ["vector.update", { content: 5 }, missing, "content", "content is required"],
  ["vector.update", { importance: "1" }, "INVALID_IMPORTANCE_RANGE", "importance", "must be a number"],
  ["vector.update", { importance: 101 }, "INVALID_IMPORTANCE_RANGE", "importance", "must be between 0 and 100"],
  ["vector.update", { tags: "a" }, "INVALID_TAGS", "tags", "must be an array"],
  ["vector.update", { tags: [1] }, "INVALID_TAGS", "tags", "must be a string"],
  ["vector.update", { embedding: {} }, "INVALID_EMBEDDING", "embedding", "must be an array"],
  ["vector.update", { embedding: [NaN] }, "INVALID_EMBEDDING", "embedding", "must be a number"],
  ["vector.update", { embedding: [Infinity] }, "INVALID_EMBEDDING", "embedding", "must be a number"],
  ["vector.getVersion", { version: "1" }, "INVALID_VERSION", "version", "must be a number"],
  ["vector.getVersion", { version: 0 }, "INVALID_VERSION", "version", "must be a positive integer"],
  ["vector.getVersion", { version: 1.5 }, "INVALID_VERSION", "version", "must be a positive integer"],
  ["vector.getAtTimestamp", { timestamp: new Date(NaN) }, "INVALID_TIMESTAMP", "timestamp", "must be a valid Date"],
  ["vector.getAtTimestamp", { timestamp: "now" }, "INVALID_TIMESTAMP", "timestamp", "must be a number or Date"],
  ["vector.getAtTimestamp", { timestamp: NaN }, "INVALID_TIMESTAMP", "timestamp", "must be a number or Date"],
  ["vector.getAtTimestamp", { timestamp: -1 }, "INVALID_TIMESTAMP", "timestamp", "must be a non-negative number"],
  ["vector.deleteMany", { filter: null }, missing, "filter"],
  ["vector.deleteMany", { memorySpaceId: "" }, noSpace, "memorySpaceId"],
  ["vector.deleteMany", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["vector.updateMany", { memorySpaceId: "" }, noSpace, "memorySpaceId"],
  ["vector.updateMany", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["vector.updateMany", { updates: null }, missing, "updates"],
  ["vector.updateMany", { updates: { importance: -1 } }, "INVALID_IMPORTANCE_RANGE", "importance"],
  ["vector.updateMany", { updates: { tags: {} } }, "INVALID_TAGS", "tags"],
  ["vector.export", { options: null }, missing, "options"],
  ["vector.export", { memorySpaceId: "" }, noSpace, "memorySpaceId"],
  ["vector.export", { format: "xml" }, "INVALID_EXPORT_FORMAT", "format", "Invalid format"],
  ["vector.export", { format: undefined }, "INVALID_EXPORT_FORMAT", "format", "Invalid format"],
];

/** One case per row. */
export const vectorRefusals: ContractCase<void>[] = refusals(
  "VectorValidationError",
  calls,
  rows,
);
