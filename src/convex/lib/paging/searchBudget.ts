import { StepBudget } from "./walk.ts";

/** Most bytes that all parts of a search read together; Convex's queries read at most 16 MiB. */
const MAX_SEARCH_BYTES = 13 * 1024 * 1024;
/** Bytes of it that are left, when rows are found, for what belongs to them: embeddings, versions, conversations. */
const KEPT_BYTES = 2 * 1024 * 1024;

/** What all parts of a search may read together: any number of rows, of 13 MiB. */
export function searchBudget(): StepBudget {
  return new StepBudget(Infinity, MAX_SEARCH_BYTES);
}

/** The part of a search's budget in which it finds its rows: all but 2 MiB of what is left. */
export function forFinding(whole: StepBudget): StepBudget {
  return new StepBudget(Infinity, whole.bytes - KEPT_BYTES, whole);
}
