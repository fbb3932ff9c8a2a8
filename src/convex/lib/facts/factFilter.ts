/** The conditions on facts that lists, counts and searches share. */
import type { FactFilter, FactPaging } from "./factArgs.ts";
import { readFreeForm } from "../freeForm/freeForm.ts";
import type { Doc } from "../model.ts";

/** Whether a fact is valid at a time; its start is inclusive, its end exclusive. */
export function isValidAt(
  fact: { readonly validFrom?: number; readonly validUntil?: number },
  time: number,
): boolean {
  return (fact.validFrom === undefined || fact.validFrom <= time) &&
    (fact.validUntil === undefined || fact.validUntil > time);
}

/**
 * The same for a time of now, by the clock of a caller. That of whoever stored the fact may be ahead: a fact that begins
 * no later than it was stored has begun.
 */
export function isValidNow(
  fact: Parameters<typeof isValidAt>[0] & { readonly createdAt: number },
  now: number,
): boolean {
  const { validFrom = 0, validUntil = Infinity, createdAt } = fact;
  return validFrom <= Math.max(now, createdAt) && validUntil > now;
}

/** Whether a fact meets every condition. */
export function matchesFact(row: Doc<"facts">, filter: FactFilter): boolean {
  const { tags, validAt } = filter;
  return (filter.includeSuperseded === true || row.isCurrent) &&
    EQUAL.every((name) =>
      filter[name] === undefined || row[name] === filter[name]
    ) &&
    row.confidence >= (filter.minConfidence ?? 0) &&
    within(row.createdAt, filter.createdAfter, filter.createdBefore) &&
    within(row.updatedAt, filter.updatedAfter, filter.updatedBefore) &&
    (tags === undefined || tags.length === 0 ||
      (filter.tagMatch === "all"
        ? tags.every((tag) => row.tags.includes(tag))
        : tags.some((tag) => row.tags.includes(tag)))) &&
    (validAt === undefined || isValidAt(row, validAt)) &&
    hasMetadata(row, filter);
}

/** Compares facts; ties are ordered by creation, as the caller orders them when it merges the parts of a long list. */
export function compareFacts(
  paging: FactPaging,
): (a: Doc<"facts">, b: Doc<"facts">) => number {
  const factor = isDescending(paging) ? -1 : 1;
  const { sortBy = "createdAt" } = paging;
  return (a, b) =>
    factor * (a[sortBy] - b[sortBy] || a.createdAt - b.createdAt ||
      a._creationTime - b._creationTime);
}

/** The default order: by creation, oldest first; with a field to sort by, highest first. */
export function isDescending({ sortBy, sortOrder }: FactPaging): boolean {
  return (sortOrder ?? (sortBy === undefined ? "asc" : "desc")) === "desc";
}

const EQUAL = [
  "factType",
  "subject",
  "predicate",
  "object",
  "confidence",
  "userId",
  "participantId",
  "sourceType",
  "version",
] as const;

function within(
  time: number,
  from: number | undefined,
  until: number | undefined,
): boolean {
  return time >= (from ?? -Infinity) && time <= (until ?? Infinity);
}

/** Whether every requested key has exactly the requested value; objects never match. */
function hasMetadata(row: Doc<"facts">, filter: FactFilter): boolean {
  const wanted: unknown = filter.metadata;
  if (!isMembers(wanted)) return true;
  const { metadata, metadataJson } = readFreeForm("metadata", row);
  const stored = metadataJson === undefined
    ? metadata
    : JSON.parse(metadataJson);
  return isMembers(stored) &&
    Object.entries(wanted).every(([key, value]) => stored[key] === value);
}

function isMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
