/** Validators of arguments that functions of facts share. */
import { type ObjectType, v } from "convex/values";
import {
  factEntity,
  factRelation,
  factSourceRef,
  factSourceType,
  factType,
  metadata,
  sortOrder,
} from "../fields.ts";
import { parseJson, storeFreeForm } from "../freeForm/freeForm.ts";
import { pick } from "../shapes.ts";

const text = v.optional(v.string());
const time = v.optional(v.number());

/** The direction of a chain to read; absent: both. */
export const toward = v.optional(
  v.union(v.literal("older"), v.literal("newer")),
);

/** The first and the last fact of a part, each only if the chain continues beyond it. */
export const chainEnds = { older: text, newer: text };

/** What describes a fact beyond its statement; `facts:update` can change this too. */
const description = {
  ...metadata,
  category: text,
  searchAliases: v.optional(v.array(v.string())),
  semanticContext: text,
  entities: v.optional(v.array(factEntity)),
  relations: v.optional(v.array(factRelation)),
};

/** A fact to store; without an id, one is made. */
export const newFactArgs = {
  memorySpaceId: v.string(),
  factId: text,
  participantId: text,
  userId: text,
  fact: v.string(),
  factType,
  subject: text,
  predicate: text,
  object: text,
  confidence: v.number(),
  sourceType: factSourceType,
  sourceRef: v.optional(factSourceRef),
  tags: v.array(v.string()),
  ...description,
  validFrom: time,
  validUntil: time,
  embedding: v.optional(v.array(v.number())),
};

/** What `facts:update` and `facts:updateInPlace` may change. */
export const factChangeArgs = {
  fact: text,
  confidence: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
  validUntil: time,
  ...description,
};

/** Conditions on a fact; all given ones must hold. Times are in ms, bounds inclusive. */
export const factFilterArgs = {
  factType: v.optional(factType),
  subject: text,
  predicate: text,
  object: text,
  minConfidence: v.optional(v.number()),
  confidence: v.optional(v.number()),
  userId: text,
  participantId: text,
  tags: v.optional(v.array(v.string())),
  tagMatch: v.optional(v.union(v.literal("any"), v.literal("all"))),
  sourceType: v.optional(factSourceType),
  createdBefore: time,
  createdAfter: time,
  updatedBefore: time,
  updatedAfter: time,
  version: v.optional(v.number()),
  includeSuperseded: v.optional(v.boolean()),
  validAt: time,
  ...metadata,
};

/** Values of {@link factFilterArgs}. */
export type FactFilter = ObjectType<typeof factFilterArgs>;

/** Page and order of the matching facts. */
export const factPagingArgs = {
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  sortBy: v.optional(v.union(
    v.literal("createdAt"),
    v.literal("updatedAt"),
    v.literal("confidence"),
    v.literal("version"),
  )),
  sortOrder: v.optional(sortOrder),
};

/** Values of {@link factPagingArgs}. */
export type FactPaging = ObjectType<typeof factPagingArgs>;

/** How duplicates are found. */
export const strategy = v.union(
  v.literal("exact"),
  v.literal("structural"),
  v.literal("semantic"),
);

/** Embeddings for stored facts that have none yet, with the texts that were embedded. */
export const lateEmbeddings = v.optional(v.array(v.object({
  factId: v.string(),
  fact: v.string(),
  embedding: v.array(v.number()),
})));

/** A fact that was found in a text. */
export const foundFactArgs = {
  factId: v.string(),
  fact: v.string(),
  factType: v.string(),
  subject: text,
  predicate: text,
  object: text,
  confidence: v.number(),
  tags: v.array(v.string()),
  embedding: v.optional(v.array(v.number())),
};

/** A fact that is compared with known ones. */
export const soughtFact = v.object({
  fact: v.string(),
  factType: text,
  subject: text,
  predicate: text,
  object: text,
  confidence: v.number(),
  embedding: v.optional(v.array(v.number())),
});

/** Options of belief revision. */
export const revisionOptions = v.object({
  slotMatching: v.optional(v.boolean()),
  predicateClasses: v.optional(v.record(v.string(), v.array(v.string()))),
  semanticMatching: v.optional(v.boolean()),
  threshold: v.optional(v.number()),
  limit: v.optional(v.number()),
  subjectTypeMatching: v.optional(v.boolean()),
  history: v.optional(v.boolean()),
  strategy: v.optional(strategy),
});

/** What can happen to a new fact. */
export const factAction = v.union(
  v.literal("ADD"),
  v.literal("UPDATE"),
  v.literal("SUPERSEDE"),
  v.literal("NONE"),
);

/** A decision about a new fact, made by a language model. */
export const factDecision = v.object({
  action: factAction,
  targetFactId: v.union(v.string(), v.null()),
  reason: v.string(),
  mergedFact: v.union(v.string(), v.null()),
  confidence: v.number(),
});

/** Picks the conditions from a function's arguments. Throws `INVALID_JSON`. */
export function filterOf(args: FactFilter): FactFilter {
  const { metadataJson: json, ...filter } = pick(args, namesOf(factFilterArgs));
  if (json === undefined) return filter;
  return { ...filter, metadata: parseJson("metadata", json) };
}

/** Picks the changes from a function's arguments. */
export function changesOf(args: ObjectType<typeof factChangeArgs>) {
  const { metadata, metadataJson, ...plain } = pick(
    args,
    namesOf(factChangeArgs),
  );
  return { ...plain, ...storeFreeForm("metadata", metadata, metadataJson) };
}

/** The names of arguments, as {@link pick} takes them. */
export function namesOf<Args extends object>(args: Args): (keyof Args)[] {
  return Object.keys(args) as (keyof Args)[];
}
