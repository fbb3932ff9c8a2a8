/** Wrong arguments of `facts`. */
import { factOf } from "./fact_support.ts";
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

const given = <Value>(wrong: object, name: string, usual: Value): Value =>
  name in wrong ? (wrong as Record<string, Value>)[name] as Value : usual;

/** Valid space and fact ids, changed by what is wrong. */
function named({ ...wrong }: Record<string, unknown>) {
  const memorySpaceId = given(wrong, "memorySpaceId", "space");
  const factId = given(wrong, "factId", "fact-1");
  delete wrong.memorySpaceId;
  delete wrong.factId;
  return { memorySpaceId, factId, rest: wrong };
}

const filter = { memorySpaceId: "space" };
const candidate = { fact: "f", confidence: 50 };

const calls = {
  store: (cortex, wrong) => cortex.facts.store(factOf(wrong)),
  storeWithDedup: (cortex, { deduplication, ...wrong }) =>
    cortex.facts.storeWithDedup(factOf(wrong), { deduplication }),
  get: (cortex, wrong) => {
    const { memorySpaceId, factId } = named(wrong);
    return cortex.facts.get(memorySpaceId, factId);
  },
  delete: (cortex, wrong) => {
    const { memorySpaceId, factId } = named(wrong);
    return cortex.facts.delete(memorySpaceId, factId);
  },
  getHistory: (cortex, wrong) => {
    const { memorySpaceId, factId } = named(wrong);
    return cortex.facts.getHistory(memorySpaceId, factId);
  },
  update: (cortex, wrong) => {
    const { memorySpaceId, factId, rest } = named(wrong);
    return cortex.facts.update(memorySpaceId, factId, rest);
  },
  list: (cortex, wrong) => cortex.facts.list({ ...filter, ...wrong }),
  count: (cortex, wrong) => cortex.facts.count({ ...filter, ...wrong }),
  search: (cortex, { memorySpaceId = "space", query = "q", ...wrong }) =>
    cortex.facts.search(memorySpaceId, query, wrong),
  queryBySubject: (cortex, wrong) =>
    cortex.facts.queryBySubject({ ...filter, subject: "ada", ...wrong }),
  queryByRelationship: (cortex, wrong) =>
    cortex.facts.queryByRelationship({
      ...filter,
      subject: "ada",
      predicate: "works at",
      ...wrong,
    }),
  deleteMany: (cortex, wrong) =>
    cortex.facts.deleteMany({ ...filter, ...wrong }),
  export: (cortex, wrong) =>
    cortex.facts.export({ ...filter, format: "json", ...wrong }),
  consolidate: (cortex, wrong) =>
    cortex.facts.consolidate({
      ...filter,
      factIds: ["fact-1", "fact-2"],
      keepFactId: "fact-1",
      ...wrong,
    }),
  supersede: (cortex, wrong) =>
    cortex.facts.supersede({
      ...filter,
      oldFactId: "fact-1",
      newFactId: "fact-2",
      ...wrong,
    }),
  revise: (cortex, { fact, ...wrong }) =>
    cortex.facts.revise({
      ...filter,
      fact: { ...candidate, ...fact },
      ...wrong,
    }),
  checkConflicts: (cortex, { fact, ...wrong }) =>
    cortex.facts.checkConflicts({
      ...filter,
      fact: { ...candidate, ...fact },
      ...wrong,
    }),
  history: (cortex, { factId = "fact-1", limit }) =>
    cortex.facts.history(factId, limit),
  getChanges: (cortex, wrong) =>
    cortex.facts.getChanges({ ...filter, ...wrong }),
  getSupersessionChain: (cortex, wrong) =>
    cortex.facts.getSupersessionChain(given(wrong, "factId", "fact-1")),
  getActivitySummary: (cortex, wrong) =>
    cortex.facts.getActivitySummary(
      given(wrong, "memorySpaceId", "space"),
      wrong.hours,
    ),
} satisfies CallsByName;

type Method = keyof typeof calls;

const MISSING = "MISSING_REQUIRED_FIELD";
const missing = (method: Method, field: string): Refusal<Method>[] =>
  [undefined, "", " \t"].map((value): Refusal<Method> => [
    method,
    { [field]: value ?? null },
    MISSING,
    field,
    `${field} is required and cannot be empty`,
  ]);

const spaces = (Object.keys(calls) as Method[])
  .filter((method) => !/^(history|getSupersessionChain)$/.test(method))
  .flatMap((method) => missing(method, "memorySpaceId"));

const NEVER = new Date(NaN);

// deno-fmt-ignore
const rows: Refusal<Method>[] = [
  ...spaces,
  ...missing("store", "fact"),
  ...missing("get", "factId"),
  ...missing("history", "factId"),
  ...missing("search", "query"),
  ...missing("queryBySubject", "subject"),
  ...missing("queryByRelationship", "subject"),
  ...missing("queryByRelationship", "predicate"),
  ...missing("consolidate", "keepFactId"),
  ...missing("supersede", "oldFactId"),
  ...missing("supersede", "newFactId"),
  ["revise", { fact: { fact: " " } }, MISSING, "fact.fact", "fact.fact is required and cannot be empty"],
  ["checkConflicts", { fact: { fact: undefined } }, MISSING, "fact.fact"],
  ["deleteMany", { userId: "" }, MISSING, "userId"],
  // Several faults: the first one is reported.
  ["store", { fact: "", factType: "x", confidence: 101 }, MISSING, "fact"],
  ["store", { factType: "x", confidence: 101 }, "INVALID_FACT_TYPE", "factType"],
  ["store", { confidence: 101, sourceType: "x" }, "INVALID_CONFIDENCE", "confidence"],
  ["store", { sourceType: "x", tags: 1 }, "INVALID_SOURCE_TYPE", "sourceType"],
  ["store", { tags: 1, validFrom: 2, validUntil: 1 }, "INVALID_ARRAY", "tags"],
  ["store", { validFrom: 2, validUntil: 1, sourceRef: null }, "INVALID_VALIDITY_PERIOD", undefined],
  ["store", { sourceRef: null, metadata: null }, "INVALID_METADATA", "sourceRef"],
  ["store", { confidence: undefined }, MISSING, "confidence"],
  ["store", { confidence: "80" }, MISSING, "confidence"],
  ["store", { confidence: NaN }, MISSING, "confidence"],
  ["store", { confidence: -1 }, "INVALID_CONFIDENCE", "confidence", "confidence must be between 0 and 100"],
  ["update", { confidence: 100.1 }, "INVALID_CONFIDENCE", "confidence", "confidence must be between 0 and 100"],
  ["revise", { fact: { confidence: 150 } }, "INVALID_CONFIDENCE", "fact.confidence", "confidence must be between 0 and 100"],
  ["revise", { fact: { confidence: undefined } }, MISSING, "fact.confidence"],
  ["list", { minConfidence: "1" }, MISSING, "minConfidence"],
  ["list", { minConfidence: 101 }, "INVALID_CONFIDENCE", "minConfidence", "minConfidence must be between 0 and 100"],
  ["store", { factType: undefined }, "INVALID_FACT_TYPE", "factType", "Invalid factType"],
  ["list", { factType: "Preference" }, "INVALID_FACT_TYPE", "factType", "Invalid factType"],
  ["deleteMany", { factType: "x" }, "INVALID_FACT_TYPE", "factType", "Invalid factType"],
  ["revise", { fact: { factType: "x" } }, "INVALID_FACT_TYPE", "fact.factType"],
  ["store", { sourceType: undefined }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["search", { sourceType: "x" }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["get", { factId: "mem-1" }, "INVALID_FACT_ID_FORMAT", "factId", 'factId must start with "fact-"'],
  ["delete", { factId: "1" }, "INVALID_FACT_ID_FORMAT", "factId", 'factId must start with "fact-"'],
  ["history", { factId: "invalid" }, "INVALID_FACT_ID_FORMAT", "factId", 'factId must start with "fact-"'],
  ["getSupersessionChain", { factId: "invalid" }, "INVALID_FACT_ID_FORMAT", "factId"],
  ["supersede", { oldFactId: "x" }, "INVALID_FACT_ID_FORMAT", "factId", 'factId must start with "fact-", oldFactId'],
  ["supersede", { newFactId: "x" }, "INVALID_FACT_ID_FORMAT", "factId", 'factId must start with "fact-", newFactId'],
  ["store", { tags: "x" }, "INVALID_ARRAY", "tags", "tags must be an array"],
  ["list", { tags: ["a", 1] }, "INVALID_ARRAY", "tags"],
  ["store", { searchAliases: "x" }, "INVALID_ARRAY", "searchAliases"],
  ["update", { entities: [1] }, "INVALID_ARRAY", "entities"],
  ["consolidate", { factIds: "fact-1" }, "INVALID_ARRAY", "factIds", "factIds must be an array"],
  ["consolidate", { factIds: [1, 2] }, "INVALID_ARRAY", "factIds"],
  ["consolidate", { factIds: [] }, "EMPTY_ARRAY", "factIds", "factIds must contain at least one element"],
  ["consolidate", { factIds: ["fact-1"] }, "INVALID_CONSOLIDATION", "factIds", "consolidation requires at least 2 facts"],
  ["consolidate", { keepFactId: "fact-3" }, "INVALID_CONSOLIDATION", "keepFactId", "keepFactId"],
  ["consolidate", { factIds: ["fact-1", "fact-1"] }, "INVALID_CONSOLIDATION", "factIds", "must not contain duplicates"],
  ["store", { validFrom: 5, validUntil: 5 }, "INVALID_VALIDITY_PERIOD", undefined, "validFrom must be before validUntil"],
  ["store", { validFrom: "1" }, "INVALID_VALIDITY_PERIOD", undefined],
  ["store", { validFrom: -Infinity }, "INVALID_VALIDITY_PERIOD", undefined],
  ["store", { validUntil: Infinity }, "INVALID_VALIDITY_PERIOD", undefined],
  ["update", { validUntil: NaN }, "INVALID_VALIDITY_PERIOD", undefined],
  ["store", { sourceRef: "x" }, "INVALID_METADATA", "sourceRef", "sourceRef must be an object"],
  ["store", { sourceRef: { conversationId: 1 } }, "INVALID_METADATA", "sourceRef.conversationId"],
  ["store", { sourceRef: { memoryId: 1 } }, "INVALID_METADATA", "sourceRef.memoryId"],
  ["store", { sourceRef: { messageIds: "m" } }, "INVALID_METADATA", "sourceRef.messageIds"],
  ["revise", { sourceRef: { messageIds: [1] } }, "INVALID_METADATA", "sourceRef.messageIds"],
  ["store", { metadata: null }, "INVALID_METADATA", "metadata", "metadata must be an object"],
  ["store", { metadata: [] }, "INVALID_METADATA", "metadata", "metadata must be an object"],
  ["list", { metadata: "x" }, "INVALID_METADATA", "metadata", "metadata must be an object"],
  ["list", { tagMatch: "some" }, "INVALID_TAG_MATCH", "tagMatch", "Invalid tagMatch"],
  ["list", { limit: -1 }, "INVALID_ARRAY", "limit", "limit must be non-negative"],
  ["search", { limit: 1.5 }, "INVALID_ARRAY", "limit"],
  ["list", { limit: "1" }, "INVALID_ARRAY", "limit"],
  ["queryBySubject", { offset: -1 }, "INVALID_ARRAY", "offset", "offset must be non-negative"],
  ["history", { limit: -1 }, "INVALID_ARRAY", "limit", "limit must be non-negative"],
  ["getChanges", { offset: NaN }, "INVALID_ARRAY", "offset"],
  ["list", { sortBy: "fact" }, "INVALID_SORT_BY", "sortBy", "Invalid sortBy"],
  ["list", { sortOrder: "up" }, "INVALID_SORT_ORDER", "sortOrder", "Invalid sortOrder"],
  ["list", { createdAfter: new Date(5), createdBefore: new Date(5) }, "INVALID_DATE_RANGE", undefined, "createdAfter must be before createdBefore"],
  ["count", { updatedAfter: 6, updatedBefore: new Date(5) }, "INVALID_DATE_RANGE", undefined, "updatedAfter must be before updatedBefore"],
  ["list", { createdAfter: NEVER }, "INVALID_DATE_RANGE", "createdAfter"],
  ["search", { validAt: NEVER }, "INVALID_DATE_RANGE", "validAt"],
  ["list", { updatedBefore: "2020" }, "INVALID_DATE_RANGE", "updatedBefore", 'updatedBefore must be a date: current value is "2020"'],
  ["getChanges", { after: NEVER }, "INVALID_DATE_RANGE", "after"],
  ["getChanges", { action: "MOVE" }, "INVALID_ACTION", "action"],
  ["update", {}, "INVALID_UPDATE", undefined, "Update must include at least one field"],
  ["update", { factType: "event" }, "INVALID_UPDATE", undefined, "Update must include at least one field"],
  ["update", { fact: "" }, MISSING, "fact", "fact is required and cannot be empty"],
  ["export", { format: "xml" }, "INVALID_EXPORT_FORMAT", "format", "Invalid format"],
  ["export", { format: undefined }, "INVALID_EXPORT_FORMAT", "format", "Invalid format"],
  ["storeWithDedup", { deduplication: "fuzzy" }, "INVALID_DEDUPLICATION", "deduplication"],
  ["storeWithDedup", { deduplication: { strategy: "semantic", similarityThreshold: 2 } }, "INVALID_DEDUPLICATION", "deduplication.similarityThreshold"],
  ["storeWithDedup", { deduplication: { strategy: "semantic", generateEmbedding: 1 } }, "INVALID_DEDUPLICATION", "deduplication.generateEmbedding"],
  ["storeWithDedup", { confidence: 101 }, "INVALID_CONFIDENCE", "confidence"],
  ["getActivitySummary", { hours: 0 }, "INVALID_FORMAT", "hours"],
  ["list", { tenantId: "" }, "INVALID_FORMAT", "tenantId"],
];

/** Each row fails before anything is sent. */
export const factRefusals: ContractCase<void>[] = refusals(
  "FactsValidationError",
  calls,
  rows,
).map(({ name, run }) => ({ name: `facts.${name}`, run }));
