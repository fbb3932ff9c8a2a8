/** Wrong arguments of `memory`, of the methods that need a memory or a filter. */
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

/** Valid arguments of a method that names a memory. */
const named = (
  { memorySpaceId = "space", memoryId = "m" }: Record<string, unknown>,
) => [memorySpaceId as string, memoryId as string] as const;

const calls = {
  "memory.update": (cortex, wrong) => {
    const {
      memorySpaceId,
      memoryId,
      reextractFacts,
      extractFacts,
      ...updates
    } = wrong;
    return cortex.memory.update(
      ...named({ memorySpaceId, memoryId }),
      updates,
      { reextractFacts, extractFacts },
    );
  },
  "memory.delete": (cortex, wrong) => cortex.memory.delete(...named(wrong)),
  "memory.archive": (cortex, wrong) => cortex.memory.archive(...named(wrong)),
  "memory.restoreFromArchive": (cortex, wrong) =>
    cortex.memory.restoreFromArchive(...named(wrong)),
  "memory.getHistory": (cortex, wrong) =>
    cortex.memory.getHistory(...named(wrong)),
  "memory.getVersion": (cortex, wrong) =>
    cortex.memory.getVersion(...named(wrong), wrong.version),
  "memory.getAtTimestamp": (cortex, wrong) =>
    cortex.memory.getAtTimestamp(...named(wrong), wrong.timestamp),
  "memory.list": (cortex, wrong) =>
    cortex.memory.list({ memorySpaceId: "space", ...wrong }),
  "memory.count": (cortex, wrong) =>
    cortex.memory.count({ memorySpaceId: "space", ...wrong }),
  "memory.updateMany": (cortex, { updates = { importance: 1 }, ...wrong }) =>
    cortex.memory.updateMany({ memorySpaceId: "space", ...wrong }, updates),
  "memory.deleteMany": (cortex, wrong) =>
    cortex.memory.deleteMany({ memorySpaceId: "space", ...wrong }),
  "memory.export": (cortex, wrong) =>
    cortex.memory.export({ memorySpaceId: "space", format: "json", ...wrong }),
} satisfies CallsByName;

type Method = keyof typeof calls;

const missing = "MISSING_REQUIRED_FIELD";
const methods = Object.keys(calls) as Method[];
const isNamed = (method: Method) =>
  !/\.(list|count|updateMany|deleteMany|export)$/.test(method);

const places: Refusal<Method>[] = methods.flatMap((
  method,
): Refusal<Method>[] => [
  [
    method,
    { memorySpaceId: " " },
    missing,
    "memorySpaceId",
    "memorySpaceId cannot be empty",
  ],
  [
    method,
    { memorySpaceId: null },
    missing,
    "memorySpaceId",
    "memorySpaceId is required",
  ],
  ...isNamed(method)
    ? [
      [
        method,
        { memoryId: "" },
        missing,
        "memoryId",
        "memoryId cannot be empty",
      ] as const,
    ]
    : [],
]);

// deno-fmt-ignore
const rows: readonly Refusal<Method>[] = [
  ...places,
  ["memory.update", {}, "INVALID_FORMAT", undefined, "At least one update field must be provided"],
  ["memory.update", { content: "" }, missing, "content", "content cannot be empty"],
  ["memory.update", { content: 5 }, missing, "content", "content is required"],
  ["memory.update", { importance: 101 }, "INVALID_IMPORTANCE", "importance", "importance must be between 0 and 100"],
  ["memory.update", { tags: "a" }, "INVALID_FORMAT", "tags", "must be an array"],
  ["memory.update", { tags: [""] }, "INVALID_FORMAT", "tags", "must be a non-empty string"],
  ["memory.update", { embedding: [] }, "INVALID_EMBEDDING", "embedding", "embedding cannot be empty"],
  ["memory.update", { embedding: [NaN] }, "INVALID_EMBEDDING", "embedding", "must be a finite number"],
  ["memory.update", { content: "x", extractFacts: 5 }, "INVALID_FORMAT", "extractFacts"],
  ["memory.update", { content: "x", reextractFacts: "no" }, "INVALID_FORMAT", "reextractFacts"],
  ["memory.getVersion", { version: 0 }, "NEGATIVE_NUMBER", "version", "version must be a positive integer"],
  ["memory.getVersion", { version: "1" }, "NEGATIVE_NUMBER", "version", "version must be a positive integer"],
  ["memory.getAtTimestamp", { timestamp: NaN }, "INVALID_TIMESTAMP", "timestamp", "timestamp must be a valid timestamp"],
  ["memory.getAtTimestamp", { timestamp: "now" }, "INVALID_TIMESTAMP", "timestamp", "timestamp must be a valid timestamp"],
  ["memory.getAtTimestamp", { timestamp: -1 }, "INVALID_TIMESTAMP", "timestamp", "timestamp cannot be negative"],
  ["memory.getAtTimestamp", { timestamp: new Date(NaN) }, "INVALID_TIMESTAMP", "timestamp"],
  ["memory.list", { userId: " " }, missing, "userId", "userId cannot be empty"],
  ["memory.list", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["memory.list", { limit: 0 }, "NEGATIVE_NUMBER", "limit", "limit must be a positive integer"],
  ["memory.list", { limit: 1.5 }, "NEGATIVE_NUMBER", "limit", "limit must be a positive integer"],
  ["memory.count", { userId: 5 }, missing, "userId", "userId is required"],
  ["memory.count", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["memory.updateMany", { updates: {} }, "INVALID_FORMAT", undefined, "At least one update field must be provided"],
  ["memory.updateMany", { updates: null }, "INVALID_FORMAT", undefined, "At least one update field must be provided"],
  ["memory.updateMany", { updates: { importance: -1 } }, "INVALID_IMPORTANCE", "importance"],
  ["memory.updateMany", { updates: { tags: [5] } }, "INVALID_FORMAT", "tags"],
  ["memory.updateMany", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["memory.deleteMany", {}, "INVALID_FILTER", undefined, "Filter must include at least one criterion"],
  ["memory.deleteMany", { userId: "" }, missing, "userId"],
  ["memory.deleteMany", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["memory.export", { format: "xml" }, "INVALID_FORMAT", "format", "Invalid format"],
  ["memory.export", { userId: "" }, missing, "userId"],
];

/** One case per row. */
export const memoryRefusals: ContractCase<void>[] = refusals(
  "MemoryValidationError",
  calls,
  rows,
);
