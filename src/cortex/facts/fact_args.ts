/** Converts inputs of `cortex.facts` into arguments of backend functions. */
import { pick } from "../calls/pick.ts";
import type { CallArgs } from "../calls/calls.ts";
import { DATES, UPDATE_FIELDS } from "./facts_rules.ts";
import { toMs } from "../rules/field_rules.ts";
import { createId } from "../calls/ids.ts";
import type {
  StoreFactParams,
  UniversalFactFilter,
  UpdateFactInput,
} from "../types/fact_params.ts";
import type { FactStatement } from "../types/facts.ts";

/** Entities and relations, reduced to the known fields. */
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

/** Converts a checked filter to arguments, with its dates in ms. */
export function filterArgs(filter: UniversalFactFilter): CallArgs {
  const dates = DATES.map((name) => [name, toMs(filter[name])]);
  return { ...filter, ...Object.fromEntries(dates) };
}

/** Arguments of a new fact. */
export type NewFactArgs =
  & CallArgs
  & Pick<StoreFactParams, "memorySpaceId" | "fact" | "factType">;

/** Converts a checked fact to arguments. Its id is made here, so that a retried call stores the fact once. */
export function storeArgs(params: StoreFactParams): NewFactArgs {
  return {
    ...params,
    ...namedArgs(params),
    factId: createId("fact"),
    tags: params.tags ?? [],
  };
}

/** Converts the changes of an update to arguments. */
export function changeArgs(updates: UpdateFactInput): CallArgs {
  return {
    ...pick(updates, ...UPDATE_FIELDS as (keyof UpdateFactInput)[]),
    ...namedArgs(updates),
  };
}
