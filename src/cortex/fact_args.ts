/** Arguments of backend functions made of the inputs of `cortex.facts`: what they know, in their form. */
import type { CallArgs } from "./calls.ts";
import { UPDATE_FIELDS } from "./facts_rules.ts";
import { toMs } from "./field_rules.ts";
import { metadataArgs } from "./free_form.ts";
import { createId } from "./ids.ts";
import type {
  StoreFactParams,
  UniversalFactFilter,
  UpdateFactInput,
} from "./types/fact_params.ts";

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

const STORED = [
  "memorySpaceId",
  "tenantId",
  "participantId",
  "userId",
  "fact",
  "factType",
  "subject",
  "predicate",
  "object",
  "confidence",
  "sourceType",
  "sourceRef",
  "category",
  "searchAliases",
  "semanticContext",
  "entities",
  "relations",
  "validFrom",
  "validUntil",
] as const satisfies (keyof StoreFactParams)[];

/** The conditions of a filter. */
export function filterArgs(filter: UniversalFactFilter): CallArgs {
  return {
    ...pick(filter, CONDITIONS),
    ...Object.fromEntries(DATES.map((name) => [name, toMs(filter[name])])),
    ...metadataArgs(filter.metadata),
  };
}

/** Arguments of a new fact. */
export type NewFactArgs =
  & CallArgs
  & Pick<StoreFactParams, "memorySpaceId" | "fact" | "factType">;

/** A fact to store, under an id made here: so a call that is repeated stores it once. */
export function storeArgs(params: StoreFactParams): NewFactArgs {
  return {
    ...pick(params, STORED),
    factId: createId("fact"),
    tags: params.tags ?? [],
    ...metadataArgs(params.metadata),
  };
}

/** What an update changes. */
export function changeArgs(
  { metadata, ...updates }: UpdateFactInput,
): CallArgs {
  return {
    ...pick(updates, UPDATE_FIELDS as (keyof typeof updates)[]),
    ...metadataArgs(metadata),
  };
}

function pick<Input extends object, Name extends keyof Input>(
  input: Input,
  names: readonly Name[],
): Pick<Input, Name> {
  return Object.fromEntries(
    names.map((name) => [name, input[name]]),
  ) as Pick<Input, Name>;
}
