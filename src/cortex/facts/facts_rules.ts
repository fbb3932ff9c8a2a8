/** Argument checks of `cortex.facts`, in the order in which they run. */
import {
  INVALID_FACT_TYPE,
  INVALID_UPDATE,
  INVALID_VALIDITY_PERIOD,
} from "../../convex/lib/moduleCodes.ts";
import {
  ARRAY,
  confidence,
  date,
  DATE_RANGE,
  factId,
  facts,
  factSourceType,
  paging,
  required,
  space,
} from "./fact_rule_words.ts";
import {
  FACT_TYPES,
  flags,
  numbers,
  ofTenant,
  texts,
} from "../rules/field_rules.ts";
import {
  A_STRING,
  AN_OBJECT,
  before,
  distinct,
  EMPTY_ARRAY,
  INVALID_EXPORT_FORMAT,
  INVALID_METADATA,
  INVALID_SORT_BY,
  isString,
  itself,
  sortOrder,
  text,
  that,
  TIME_IN_MS,
} from "../rules/rule_words.ts";
import {
  arrayOf,
  between,
  callback,
  type Check,
  FORMAT,
  isFinite,
  isRecord,
  lookUp,
  must,
  oneOf,
  type Row,
  someOf,
  type Test,
} from "../rules/rules.ts";
import type { UniversalFactFilter } from "../types/fact_params.ts";

/** Fields of which `facts.update` needs one. */
export const UPDATE_FIELDS: readonly string[] = [
  "fact",
  "confidence",
  "tags",
  "validUntil",
  "metadata",
  "category",
  "searchAliases",
  "semanticContext",
  "entities",
  "relations",
];

/** The dates of a filter. */
export const DATES = [
  "createdBefore",
  "createdAfter",
  "updatedBefore",
  "updatedAfter",
  "validAt",
] as const satisfies (keyof UniversalFactFilter)[];

/** How duplicates are found. */
const STRATEGIES: readonly string[] = [
  "none",
  "exact",
  "structural",
  "semantic",
];

const CONSOLIDATION = "INVALID_CONSOLIDATION";
const DEDUPLICATION = "INVALID_DEDUPLICATION";

const factType = oneOf(INVALID_FACT_TYPE, FACT_TYPES);
const strings = arrayOf(ARRAY, isString, A_STRING);
/** An array of objects with these string members; a question mark makes one optional. */
const records = (...names: string[]): Test =>
  arrayOf(
    ARRAY,
    (value) =>
      isRecord(value) &&
      names.every((name) => {
        const text = lookUp(value, name.replace("?", ""));
        return isString(text) || name.endsWith("?") && text === undefined;
      }),
    `must be an object with the texts ${names.join(", ")}`,
  );
const record = itself(INVALID_METADATA, isRecord, AN_OBJECT);
const metadataText = itself(INVALID_METADATA, isString, A_STRING);
const time = itself(INVALID_VALIDITY_PERIOD, isFinite, TIME_IN_MS);
const validity: Row[] = [
  ["-validFrom?", time],
  ["-validUntil?", time],
  ["-validFrom", before(INVALID_VALIDITY_PERIOD, "validUntil")],
];

const sourceRef: Row[] = [
  ["sourceRef?", record],
  ["sourceRef.conversationId?", metadataText],
  ["sourceRef.messageIds?", arrayOf(INVALID_METADATA, isString, A_STRING)],
  ["sourceRef.memoryId?", metadataText],
];

const enrichment: Row[] = [
  ["metadata?", record],
  ["searchAliases?", strings],
  ["entities?", records("name", "type", "fullValue?")],
  ["relations?", records("subject", "predicate", "object")],
  ofTenant,
  ...texts("category?", "semanticContext?"),
];
const parts: Row[] = texts("subject?", "predicate?", "object?");
const people: Row[] = texts("userId?", "participantId?");

const stored: Row[] = [
  space,
  required("fact"),
  ["factType", factType],
  ["confidence", ...confidence],
  ["sourceType", factSourceType],
  ["tags?", strings],
  ...validity,
  ...sourceRef,
  ...enrichment,
  ...parts,
  ...people,
];

const conditions: Row[] = [
  ["factType?", factType],
  ["sourceType?", factSourceType],
  ["confidence?", ...confidence],
  ["minConfidence?", ...confidence],
  ["tags?", strings],
  ["tagMatch?", oneOf("INVALID_TAG_MATCH", ["any", "all"])],
  ...DATES.map((name): Row => [name, date]),
  ["-createdAfter", before(DATE_RANGE, "createdBefore")],
  ["-updatedAfter", before(DATE_RANGE, "updatedBefore")],
  ["metadata?", record],
  ofTenant,
  ...parts,
  ...people,
  ...numbers("version?"),
  ...flags(FORMAT, "includeSuperseded?"),
];
const order: Row[] = [
  ...paging,
  [
    "sortBy?",
    oneOf(INVALID_SORT_BY, [
      "createdAt",
      "updatedAt",
      "confidence",
      "version",
    ]),
  ],
  ["sortOrder?", sortOrder],
];
const listed: Row[] = [...conditions, ...order];

/** `store` */
export const checkStore: Check = facts(stored);

const deduplication: readonly Row[] = [
  [
    "deduplication?",
    that(
      DEDUPLICATION,
      (value) =>
        value === false ||
        STRATEGIES.includes(
          (isString(value) ? value : lookUp(value, "strategy")) as string,
        ),
      `Invalid deduplication, must be false or of the strategy ${
        STRATEGIES.join(", ")
      }`,
    ),
  ],
  ["deduplication.similarityThreshold?", between(DEDUPLICATION, 0, 1)],
  ["deduplication.generateEmbedding?", callback(DEDUPLICATION)],
];

/** `FactDeduplicationService.resolveConfig` */
export const checkDeduplication: Check = facts(deduplication);

/** `storeWithDedup` */
export const checkStoreWithDedup: Check = facts([
  ...stored,
  ...deduplication,
]);

/** `get`, `delete`, `getHistory` */
export const checkNamed: Check = facts([space, factId()]);

/** `list`, `count` */
export const checkList: Check = facts([space, ...listed]);

/** `search` */
export const checkSearch: Check = facts([space, required("query"), ...listed]);

/** `queryBySubject` */
export const checkSubject: Check = facts([
  space,
  required("subject"),
  ...listed,
]);

/** `queryByRelationship` */
export const checkRelationship: Check = facts([
  space,
  required("subject"),
  required("predicate"),
  ...listed,
]);

/** `update`: the changes stand beside the ids. */
export const checkUpdate: Check = facts([
  space,
  factId(),
  [
    "-updates",
    someOf(
      INVALID_UPDATE,
      UPDATE_FIELDS,
      "Update must include at least one field",
    ),
  ],
  ["fact?", text()],
  ["confidence?", ...confidence],
  ["tags?", strings],
  ["-validUntil?", time],
  ...enrichment,
]);

/** `deleteMany` */
export const checkDeleteMany: Check = facts([
  ["!"],
  space,
  ["userId?", text()],
  ["factType?", factType],
  ofTenant,
]);

/** `export` */
export const checkExport: Check = facts([
  ["!"],
  space,
  ["format", oneOf(INVALID_EXPORT_FORMAT, ["json", "jsonld", "csv"])],
  ["factType?", factType],
  ofTenant,
]);

/** `consolidate` */
export const checkConsolidate: Check = facts([
  space,
  [
    "factIds",
    strings,
    must(
      EMPTY_ARRAY,
      (value) => (value as unknown[]).length > 0,
      "%f must contain at least one element",
    ),
    must(
      CONSOLIDATION,
      (value) => (value as unknown[]).length >= 2,
      "consolidation requires at least 2 facts: got 1",
    ),
  ],
  [
    "keepFactId",
    text(),
    itself(
      CONSOLIDATION,
      (value, all) => (all.factIds as unknown[]).includes(value),
      "must be one of factIds",
    ),
  ],
  ["factIds", distinct(CONSOLIDATION)],
  ofTenant,
]);

/** `supersede` */
export const checkSupersede: Check = facts([
  space,
  factId("oldFactId"),
  factId("newFactId"),
  ofTenant,
  ...texts("reason?"),
]);

/** `revise`, `checkConflicts` */
export const checkRevise: Check = facts([
  space,
  required("fact.fact"),
  ["fact.confidence", ...confidence],
  ["fact.factType?", factType],
  ["fact.tags?", strings],
  ["sourceType?", factSourceType],
  ...sourceRef,
  ofTenant,
  ...texts("fact.subject?", "fact.predicate?", "fact.object?"),
  ...people,
]);
