/** Search for a text in the current data of records. */
import { recordRange } from "./immutableList.ts";
import { type RecordView, toRecord, versionsOf } from "./immutableStore.ts";
import { jsonOf, MAX_SEARCHED } from "../freeForm/jsonSize.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { cappedLimit } from "../paging/page.ts";
import type { Scope } from "../scope.ts";
import { bytesRead } from "../size.ts";
import { type TextMatcher, textMatcher } from "../text/textMatch.ts";
import { StepBudget, taken, walk } from "../paging/walk.ts";

const MAX_SCANNED = 5000;
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;
const MAX_CANDIDATES = 100;
const DEFAULT_LIMIT = 10;
const VERSIONS_SHOWN = 20;
/** Most bytes of superseded versions in one answer, and of hits of the text index. */
const MAX_VERSION_BYTES = 2 * 1024 * 1024;
const MAX_HIT_BYTES = 2 * 1024 * 1024;
const MAX_HIGHLIGHTS = 3;
const BY_CHANGE = { sortBy: "updatedAt" } as const;

/** A record that contains the text. */
export interface RecordHit {
  entry: RecordView;
  score: number;
  highlights: string[];
}

/**
 * Records whose current data contains the text, ignoring case, last changed first. Finds whole words through the text
 * index, and any part of a text in the 5,000 records last changed; of one user, in the 5,000 created last.
 */
export async function searchRecords(
  ctx: QueryCtx,
  scope: Scope,
  args: { query: string; type?: string; userId?: string; limit?: number },
): Promise<RecordHit[]> {
  const matcher = textMatcher(args.query, "contains");
  const limit = cappedLimit(args.limit, DEFAULT_LIMIT);
  const found = new Map<string, Doc<"immutable">>();
  const keep = (row: Doc<"immutable">) => {
    if (
      (args.userId === undefined || row.userId === args.userId) &&
      matcher.matchesJson(searchedText(row))
    ) found.set(row._id, row);
  };
  const hits = ctx.db.query("immutable")
    .withSearchIndex("by_text", (q) => {
      const all = q.search("searchText", args.query)
        .eq("tenantId", scope.tenantId);
      const typed = args.type === undefined ? all : all.eq("type", args.type);
      return args.userId === undefined
        ? typed
        : typed.eq("userId", args.userId);
    });
  const indexed = await taken(
    hits,
    new StepBudget(MAX_CANDIDATES, MAX_HIT_BYTES),
  );
  indexed.forEach(keep);
  const budget = new StepBudget(MAX_SCANNED, MAX_SCANNED_BYTES);
  // The index of a user's records is sorted by creation, so the last changed may come late.
  const isOrdered = args.userId === undefined;
  const range = recordRange(scope, args, isOrdered ? BY_CHANGE : {});
  const isEnough = () =>
    isOrdered && found.size >= limit && indexed.length === 0;
  for await (const { row } of walk(ctx, [range])) {
    if (budget.isSpent || isEnough()) break;
    keep(row);
    budget.take(bytesRead(row));
  }
  const newest = [...found.values()]
    .sort((a, b) =>
      b.updatedAt - a.updatedAt || b._creationTime - a._creationTime
    )
    .slice(0, limit);
  const shown: RecordHit[] = [];
  let bytes = MAX_VERSION_BYTES;
  for (const row of newest) {
    const budget = new StepBudget(VERSIONS_SHOWN, bytes);
    shown.push({
      entry: toRecord(row, await versionsOf(ctx, row, budget)),
      score: 1,
      highlights: highlightsIn(jsonOf("data", row), matcher),
    });
    bytes = budget.bytes;
  }
  return shown;
}

/** The text kept for the search or, if it was cut, the record's JSON. */
function searchedText(row: Doc<"immutable">): string {
  return row.bytes > MAX_SEARCHED ? jsonOf("data", row) : row.searchText;
}

/** Up to three excerpts of matching texts; one of the JSON if the match is a name or a number. */
function highlightsIn(json: string, matcher: TextMatcher): string[] {
  const texts: string[] = [];
  JSON.parse(json, (_name, value) => {
    if (typeof value === "string" && matcher.matches(value)) texts.push(value);
    return value;
  });
  const sources = texts.length > 0 ? texts.slice(0, MAX_HIGHLIGHTS) : [json];
  return sources.map((text) => matcher.highlight(text));
}
