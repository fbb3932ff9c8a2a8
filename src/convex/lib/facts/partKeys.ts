/** Index keys of the parts of a fact. */
import { normalisePredicate, optionalKey } from "./factKeys.ts";
import type { Doc } from "../model.ts";
import { normalise } from "../text/normalise.ts";
import { slotOf } from "./slots.ts";

/** Keys of subject, predicate, object and slot; no key for a part that the fact lacks. */
export function partKeys(
  fact: Partial<Pick<Doc<"facts">, "subject" | "predicate" | "object">>,
): Partial<
  Pick<Doc<"facts">, "subjectKey" | "predicateKey" | "objectKey" | "slotKey">
> {
  const keys = {
    subjectKey: optionalKey(normalise(fact.subject)),
    predicateKey: optionalKey(normalisePredicate(fact.predicate)),
    objectKey: optionalKey(normalise(fact.object)),
    slotKey: optionalKey(slotOf(fact.predicate)?.name ?? ""),
  };
  return Object.fromEntries(
    Object.entries(keys).filter(([, key]) => key !== undefined),
  );
}
