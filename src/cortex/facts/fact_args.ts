/** Arguments of backend functions made of the inputs of `cortex.facts`: what they know, in their form. */
import { pick } from "../calls/pick.ts";
import type { CallArgs } from "../calls/calls.ts";
import { UPDATE_FIELDS } from "./facts_rules.ts";
import { toMs } from "../rules/field_rules.ts";
import { createId } from "../calls/ids.ts";
import { sourceRefArgs } from "./source_ref_args.ts";
import type {
  StoreFactParams,
  UniversalFactFilter,
  UpdateFactInput,
} from "../types/fact_params.ts";
import type { FactStatement } from "../types/facts.ts";

const CONDITIONS = [
  "factType",
  "subject",
  "predicate",
  "object",
  "minConfidence",
  "confidence",
  "userId",
  "participantId",
  "tags",
  "tagMatch",
  "sourceType",
  "version",
  "includeSuperseded",
] as const satisfies (keyof UniversalFactFilter)[];

const DATES = [
  "createdBefore",
  "createdAfter",
  "updatedBefore",
  "updatedAfter",
  "validAt",
] as const satisfies (keyof UniversalFactFilter)[];

/** Every field of a fact but its metadata and tags; one that is not named here does not compile. */
const STORED = Object.keys(
  {
    memorySpaceId: true,
    tenantId: true,
    participantId: true,
    userId: true,
    fact: true,
    factType: true,
    subject: true,
    predicate: true,
    object: true,
    confidence: true,
    sourceType: true,
    sourceRef: true,
    category: true,
    searchAliases: true,
    semanticContext: true,
    entities: true,
    relations: true,
    validFrom: true,
    validUntil: true,
  } satisfies Record<Exclude<keyof FactStatement, "metadata">, true>,
);

/** Entities and relations: nothing but what is known of them. */
function namedArgs(
  { entities, relations }: Pick<FactStatement, "entities" | "relations">,
): CallArgs {
  return {
    entities: entities?.map((one) => pick(one, "name", "type", "fullValue")),
    relations: relations?.map((one) =>
      pick(one, "subject", "predicate", "object")
    ),
  };
}

/** The conditions of a filter. */
export function filterArgs(filter: UniversalFactFilter): CallArgs {
  return {
    ...pick(filter, ...CONDITIONS),
    ...Object.fromEntries(DATES.map((name) => [name, toMs(filter[name])])),
    metadata: filter.metadata,
  };
}

/** Arguments of a new fact. */
export type NewFactArgs =
  & CallArgs
  & Pick<StoreFactParams, "memorySpaceId" | "fact" | "factType">;

/** A fact to store, under an id made here: so a call that is repeated stores it once. */
export function storeArgs(params: StoreFactParams): NewFactArgs {
  return {
    ...pick(params, ...STORED as (keyof StoreFactParams)[]),
    ...sourceRefArgs(params.sourceRef),
    ...namedArgs(params),
    factId: createId("fact"),
    tags: params.tags ?? [],
    metadata: params.metadata,
  };
}

/** What an update changes. */
export function changeArgs(updates: UpdateFactInput): CallArgs {
  return {
    ...pick(updates, ...UPDATE_FIELDS as (keyof UpdateFactInput)[]),
    ...namedArgs(updates),
  };
}
