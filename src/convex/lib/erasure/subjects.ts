/** Defines what belongs to a user, an agent or a memory space. */
import type { Chain, Row, Subject } from "./erasure.ts";
import { eventsOf } from "../facts/factEvents.ts";
import { optionalKey } from "../facts/factKeys.ts";
import { madeSince } from "../madeSince.ts";
import { normalise } from "../text/normalise.ts";
import {
  rowTrace,
  sourceTrace,
  type TraceKind,
  traceOf,
} from "../idempotency/idempotencyTraces.ts";
import type { Doc, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import { rangesOf, spaceFields, userFields } from "./traces.ts";
import type { IndexRange } from "../paging/walk.ts";

type Range = IndexRange<TableName>;

/**
 * Everything that belongs to a user, in every space of the tenant, and what was made from it: rows with the user's id
 * in any field that names a user, facts about the user, participation in spaces, and the profile.
 *
 * @param conversationIds Conversations of the user whose rows may be gone already.
 */
export function userSubject(
  scope: Scope,
  userId: string,
  conversationIds: readonly string[] = [],
): Subject {
  const about = normalise(userId);
  const subjectKey = optionalKey(about);
  const ofThis = ({ createdAt }: { createdAt: number }, range: Range) =>
    madeSince({ userId, createdAt }, range);
  return {
    kind: "user",
    id: userId,
    chain: factChain(scope),
    ranges: inOrder([
      ...rangesOf(scope, userFields(), userId),
      ...(subjectKey === undefined ? [] : [
        range(scope, "facts", "by_tenant_subject", ["subjectKey", subjectKey]),
        results(scope, "subject", about),
      ]),
      results(scope, "user", userId),
      ...participations(scope, userId),
      ...conversationIds.flatMap((conversationId) =>
        madeFrom(scope, { conversationId })
      ),
      range(
        scope,
        "immutable",
        "by_tenant_type_id",
        ["type", "user"],
        ["id", userId],
      ),
    ]),
    owns: (table, row) =>
      table !== "facts" || !isOthers(userId, row as Doc<"facts">),
    links: (table, row) => {
      switch (table) {
        case "conversations":
          return [
            ...madeFrom(scope, row as Doc<"conversations">)
              .map((range) => ofThis(row as Doc<"conversations">, range)),
            ...resultsOn(scope, table, row),
          ];
        case "memories":
          return [
            ...resultsOn(scope, table, row),
            ...factsOf(scope, row as Doc<"memories">)
              .map((range) => ofThis(row as Doc<"memories">, range)),
          ];
        case "facts":
          return [
            ...historyOf(scope, row as Doc<"facts">),
            ...resultsOn(scope, table, row),
          ];
        default:
          return resultsOn(scope, table, row);
      }
    },
  };
}

/**
 * Whether a fact is another user's, about one whose id differs from this one in case or blanks, as the other's own does;
 * or about somebody whose name only begins like a long id, of which the index has a part.
 */
function isOthers(
  userId: string,
  { userId: other, subject, subjectKey }: Doc<"facts">,
): boolean {
  if (other === userId || subject === userId) return false;
  const about = normalise(userId);
  return normalise(subject) === about
    ? normalise(other) === about
    : subjectKey === optionalKey(about);
}

/** What an agent stored in all spaces of the tenant; a user's own words stay. */
export function agentSubject(scope: Scope, agentId: string): Subject {
  const naming = (table: TableName, index: string, field: string) =>
    range(scope, table, index, [field, agentId], "createdAt");
  return {
    kind: "agent",
    id: agentId,
    ranges: [
      naming("conversations", "by_tenant_participant", "participantId"),
      naming(
        "conversations",
        "by_tenant_speaker",
        "participants.participantId",
      ),
      naming("conversations", "by_tenant_agent", "participants.agentId"),
      naming("facts", "by_tenant_participant", "participantId"),
      naming("memories", "by_tenant_participant", "participantId"),
      naming("memories", "by_tenant_agent", "agentId"),
      // The agent's inbox of messages from other agents.
      naming("memories", "by_tenant_space_created", "memorySpaceId"),
      ...participations(scope, agentId),
      results(scope, "agent", agentId),
      range(scope, "agents", "by_tenant_agentId", ["agentId", agentId]),
      // No index covers the list of spaces, so all conversations among agents are checked.
      range(
        scope,
        "conversations",
        "by_tenant_type",
        ["type", "agent-agent"],
        "createdAt",
      ),
    ],
    owns: (table, row) => agentOwns(agentId, table, row),
    links: (table, row) => [
      ...table === "facts" ? historyOf(scope, row as Doc<"facts">) : [],
      ...resultsOn(scope, table, row),
    ],
  };
}

function agentOwns(agentId: string, table: TableName, row: Row): boolean {
  if (table === "memories") {
    const memory = row as Doc<"memories">;
    const isUsers = memory.messageRole === "user" &&
      memory.userId !== undefined;
    return memory.participantId === agentId ||
      memory.memorySpaceId === agentId || !isUsers;
  }
  if (table !== "conversations") return true;
  const { participantId, participants } = row as Doc<"conversations">;
  return participantId === agentId ||
    participants.participantId === agentId ||
    participants.agentId === agentId ||
    participants.memorySpaceIds?.includes(agentId) === true;
}

/** Everything in a memory space but its own row. */
export function spaceSubject(scope: Scope, memorySpaceId: string): Subject {
  const ranges = rangesOf(scope, spaceFields(), memorySpaceId)
    .filter(({ table }) => table !== "memorySpaces");
  return {
    kind: "memorySpace",
    id: memorySpaceId,
    ranges: inOrder([...ranges, results(scope, "space", memorySpaceId)]),
    links: (table, row) => resultsOn(scope, table, row),
  };
}

function range(
  scope: Scope,
  table: TableName,
  index: string,
  ...fields: ((readonly [field: string, value: unknown]) | string)[]
): Range {
  const by = fields.find((field) => typeof field === "string");
  return {
    table,
    index,
    equals: [
      ["tenantId", scope.tenantId],
      ...fields.filter((field) => typeof field !== "string"),
    ],
    by: by ?? "_creationTime",
  };
}

/**
 * Conversations come first, because what was made from them is found through them, and versions of records last: most
 * are gone by then, with their records.
 */
function inOrder(ranges: Range[]): Range[] {
  const place = ({ table }: Range) =>
    table === "conversations" ? 0 : table === "immutableVersions" ? 2 : 1;
  return ranges.sort((a, b) => place(a) - place(b));
}

/** Rows that name a conversation as their source. */
function madeFrom(
  scope: Scope,
  { conversationId }: { conversationId: string },
): Range[] {
  const memories = (...more: ([string, unknown] | string)[]) =>
    range(
      scope,
      "memories",
      "by_tenant_conversation",
      ["conversationRef.conversationId", conversationId],
      ...more,
    );
  return [
    ...[true, false].map((isCurrent) =>
      range(
        scope,
        "facts",
        "by_tenant_conversation",
        ["sourceRef.conversationId", conversationId],
        ["isCurrent", isCurrent],
        "memorySpaceId",
      )
    ),
    memories(["sourceMessageId", undefined]),
    { ...memories("sourceMessageId"), after: -Infinity },
  ];
}

/** An id that was made for a memory. Unlike one of a caller's, no other space has it, nor had. */
const MADE_ID = /^mem-(partial-)?\d+-[\da-z]{16,}$/;

/** Facts that name a memory, in every state. Other spaces may have a memory with the same id of a caller's. */
function factsOf(
  scope: Scope,
  { memorySpaceId, memoryId }: Doc<"memories">,
): Range[] {
  const where = MADE_ID.test(memoryId)
    ? "memorySpaceId"
    : ["memorySpaceId", memorySpaceId] as const;
  return [true, false].map((isCurrent) =>
    range(
      scope,
      "facts",
      "by_tenant_memory",
      ["sourceRef.memoryId", memoryId],
      ["isCurrent", isCurrent],
      where,
    )
  );
}

/** Events of a fact, and of other users' facts that it replaced. */
function historyOf(scope: Scope, fact: Doc<"facts">): Range[] {
  return eventsOf(scope, fact) as unknown as Range[];
}

/** The versions of a fact, and the facts that it replaced or that replaced it. */
function factChain(scope: Scope): Chain {
  return {
    table: "facts",
    fields: ["supersedes", "supersededBy"],
    nameOf: (row) => (row as Doc<"facts">).factId,
    rangeOf: (row, factId) => {
      const { memorySpaceId } = row as Doc<"facts">;
      return range(
        scope,
        "facts",
        "by_tenant_space_factId",
        ["memorySpaceId", memorySpaceId],
        factId === undefined ? "factId" : ["factId", factId],
      );
    },
  };
}

function participations(scope: Scope, participantId: string): Range[] {
  return [
    range(
      scope,
      "spaceParticipants",
      "by_tenant_participant",
      ["participantId", participantId],
    ),
  ];
}

/** Traces of a name in kept results of keyed writes. */
function results(scope: Scope, kind: TraceKind, id: string): Range {
  return traces(scope, traceOf(kind, id));
}

function traces(scope: Scope, trace: string): Range {
  return range(scope, "idempotencyTraces", "by_tenant_trace", ["trace", trace]);
}

/** Traces of a row in kept results of keyed writes; for a trace, the result itself. */
function resultsOn(scope: Scope, table: TableName, row: Row): Range[] {
  switch (table) {
    case "conversations":
      return [
        results(
          scope,
          "conversation",
          (row as Doc<"conversations">).conversationId,
        ),
      ];
    case "memories":
      return [traces(scope, sourceTrace(row as Doc<"memories">))];
    case "facts": {
      const { memorySpaceId, factId } = row as Doc<"facts">;
      return [traces(scope, rowTrace("facts", [memorySpaceId, factId]))];
    }
    case "idempotencyTraces":
      return [{
        table: "idempotencyKeys",
        index: "by_id",
        equals: [["_id", (row as Doc<"idempotencyTraces">).keyDocId]],
        by: "_creationTime",
      }];
    default:
      return [];
  }
}
