/** Participants' activity in a space, and what was added lately: read in bounded steps, newest rows first. */
import { v } from "convex/values";
import { readCursor } from "../paging/cursor.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";
import { topTags } from "./spaceTally.ts";

/** Most rows of each kind, the newest, that activity is computed from. */
const MAX_ROWS = 10_000;
/** Most rows and bytes that one step reads. */
const MAX_STEP_ROWS = 8000;
const MAX_STEP_BYTES = 8 * 1024 * 1024;
const MAX_TAGS_OF_PARTICIPANT = 5;
const KINDS = ["memories", "conversations", "facts"] as const;

/** Validator of what a participant has done. */
export const activity = v.object({
  participantId: v.string(),
  memoriesStored: v.number(),
  conversationsStored: v.number(),
  factsExtracted: v.number(),
  firstActive: v.number(),
  lastActive: v.number(),
  avgImportance: v.number(),
  topTags: v.array(v.string()),
});

type Activity = typeof activity.type;
type Kind = typeof KINDS[number];

/** What to report on a space. */
export interface ActivityRequest {
  readonly memorySpaceId: string;
  /** Counts memories and conversations created after this time. */
  readonly since: number | undefined;
  readonly includeParticipants: boolean;
}

interface Sum extends Omit<Activity, "avgImportance" | "topTags"> {
  importance: number;
  tags: Map<string, number>;
}

/** The state after the steps so far, as a cursor carries it. */
interface Read {
  since: number | undefined;
  /** The kind being read, the row after which to continue, and the number of its rows read so far. */
  kind: number;
  after: string | undefined;
  rows: number;
  created: Record<Kind, number>;
  sums: Map<string, Sum>;
}

/** The result, with a cursor if there is more to read. */
export interface Found {
  readonly created: Readonly<Record<Kind, number>>;
  readonly participants: Activity[];
  readonly cursor?: string;
}

/**
 * Reads from the start or from a cursor.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function readActivity(
  ctx: QueryCtx,
  scope: Scope,
  asked: ActivityRequest,
  cursor: string | undefined,
): Promise<Found> {
  const read = cursor === undefined ? beginning(asked.since) : parse(cursor);
  const isDone = await readOn(ctx, scope, asked, read);
  return {
    created: read.created,
    participants: isDone ? activities(read.sums) : [],
    ...(!isDone && { cursor: JSON.stringify(read, listed) }),
  };
}

function beginning(since: number | undefined): Read {
  const created = { memories: 0, conversations: 0, facts: 0 };
  const sums = new Map<string, Sum>();
  return { since, kind: 0, after: undefined, rows: 0, created, sums };
}

/** A `JSON.stringify` replacer that writes Maps as arrays. */
function listed(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

function parse(cursor: string): Read {
  return readCursor<Read>(
    cursor,
    ({ kind, sums }) => KINDS[kind] !== undefined && sums instanceof Map,
    (name, value) =>
      name === "sums" || name === "tags"
        ? new Map(value as [string, unknown][])
        : value,
  );
}

/** Continues reading; returns whether everything was read. */
async function readOn(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId, includeParticipants }: ActivityRequest,
  read: Read,
): Promise<boolean> {
  const { created, sums, since = Infinity } = read;
  const budget = new StepBudget(MAX_STEP_ROWS, MAX_STEP_BYTES);
  for (const kind of KINDS.slice(read.kind)) {
    const range = newestFirst(scope, memorySpaceId, kind);
    for await (const { row, cursor } of walk(ctx, [range], read.after)) {
      const isNew = kind !== "facts" && row.createdAt > since;
      const isShown = includeParticipants && read.rows < MAX_ROWS;
      if (!isNew && !isShown) break;
      if (budget.isSpent) return false;
      if (isNew) created[kind]++;
      if (isShown) addTo(sums, kind, row);
      budget.take(sizeOf(row));
      read.after = cursor;
      read.rows++;
    }
    read.kind++;
    read.after = undefined;
    read.rows = 0;
  }
  return true;
}

function newestFirst(
  scope: Scope,
  memorySpaceId: string,
  table: Kind,
): IndexRange<Kind> {
  return {
    table,
    index: "by_tenant_space_created",
    equals: [["tenantId", scope.tenantId], ["memorySpaceId", memorySpaceId]],
    by: "createdAt",
    order: "desc",
  };
}

function addTo(
  sums: Map<string, Sum>,
  kind: Kind,
  row: Doc<TableName>,
): void {
  switch (kind) {
    case "memories": {
      const memory = row as Doc<"memories">;
      const { participantId, agentId, importance, tags } = memory;
      const sum = sumOf(sums, memory, participantId ?? agentId ?? "unknown");
      sum.memoriesStored++;
      sum.importance += importance;
      for (const tag of new Set(tags)) {
        sum.tags.set(tag, (sum.tags.get(tag) ?? 0) + 1);
      }
      return;
    }
    case "conversations": {
      const conversation = row as Doc<"conversations">;
      const { participantId, participants } = conversation;
      const who = participantId ?? participants.participantId ??
        participants.agentId;
      if (who === undefined) return;
      sumOf(sums, conversation, who).conversationsStored++;
      return;
    }
    case "facts": {
      const fact = row as Doc<"facts">;
      if (fact.participantId === undefined || !fact.isCurrent) return;
      sumOf(sums, fact, fact.participantId).factsExtracted++;
    }
  }
}

function sumOf(
  sums: Map<string, Sum>,
  { createdAt, updatedAt }: { createdAt: number; updatedAt: number },
  participantId: string,
): Sum {
  const sum = sums.get(participantId) ?? {
    participantId,
    memoriesStored: 0,
    conversationsStored: 0,
    factsExtracted: 0,
    firstActive: createdAt,
    lastActive: updatedAt,
    importance: 0,
    tags: new Map<string, number>(),
  };
  sum.firstActive = Math.min(sum.firstActive, createdAt);
  sum.lastActive = Math.max(sum.lastActive, updatedAt);
  sums.set(participantId, sum);
  return sum;
}

function activities(sums: ReadonlyMap<string, Sum>): Activity[] {
  return [...sums.values()]
    .sort((a, b) => b.memoriesStored - a.memoriesStored)
    .map(({ importance, tags, ...sum }) => ({
      ...sum,
      avgImportance: sum.memoriesStored === 0
        ? 0
        : Math.round(importance / sum.memoriesStored),
      topTags: topTags(tags, MAX_TAGS_OF_PARTICIPANT).map(([tag]) => tag),
    }));
}
