/** Facts that belong to a memory: drawn from it, or from a message that it was made from. */
import { madeSince } from "../madeSince.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type IndexRange, StepBudget, takenFrom } from "../paging/walk.ts";

/** Most facts of one memory or one message that are shown. */
const MAX_SHOWN = 200;
/** Most messages of a memory whose facts are looked for. */
const MAX_MESSAGES = 20;
/** Most bytes of one memory's facts that are shown. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;
/** Most facts of one memory that are counted or exported, and bytes of them. */
const MAX_TAKEN = 2000;
const MAX_TAKEN_BYTES = 2 * 1024 * 1024;

type Range = IndexRange<"facts">;

/** A memory, and what it was made from. */
export type MadeMemory = Pick<
  Doc<"memories">,
  "memoryId" | "memorySpaceId" | "conversationRef" | "userId" | "createdAt"
>;

type NamedMemory = Omit<MadeMemory, "conversationRef">;

/** The current facts that name a memory as their source. */
export function namingMemory(
  { tenantId }: Scope,
  memory: NamedMemory,
): Range {
  return madeSince(
    memory,
    factsBy("by_tenant_memory", [
      ["tenantId", tenantId],
      ["sourceRef.memoryId", memory.memoryId],
      ["isCurrent", true],
      ["memorySpaceId", memory.memorySpaceId],
    ]),
  );
}

/** The facts that were archived with a memory. */
export function archivedWith(
  { tenantId }: Scope,
  memory: NamedMemory,
): Range {
  return madeSince(
    memory,
    factsBy("by_tenant_archivedBy", [
      ["tenantId", tenantId],
      ["archivedByMemoryId", memory.memoryId],
      ["memorySpaceId", memory.memorySpaceId],
    ]),
    // A memory of a message archives facts that may be older than itself.
    "updatedAt",
  );
}

/** Selects facts that name no memory. */
const NAMING_NONE = ["sourceRef.memoryId", undefined] as const;

/**
 * The current facts that are deleted with a memory: those that name it, and those that name none and whose first or last
 * message is one of its own.
 */
export function ownedBy(scope: Scope, memory: MadeMemory): Range[] {
  return [
    namingMemory(scope, memory),
    ...ofMessages(scope, memory, NAMING_NONE),
  ];
}

/**
 * Further facts that are deleted with a memory: those that name none, and of whose messages any is one of its own. Of
 * its conversation's facts of more than two messages, looks at the newest 2,000 and 2 MiB.
 */
export async function alsoOwnedBy(
  ctx: QueryCtx,
  scope: Scope,
  memory: MadeMemory,
): Promise<Doc<"facts">[]> {
  const budget = new StepBudget(MAX_TAKEN, MAX_TAKEN_BYTES);
  return await amongLong(ctx, scope, memory, budget, NAMING_NONE);
}

/** The current facts of more than two messages that share one with a memory, oldest first. */
async function amongLong(
  ctx: QueryCtx,
  { tenantId }: Scope,
  { conversationRef: ref, memorySpaceId }: MadeMemory,
  budget: StepBudget,
  ...more: Range["equals"][number][]
): Promise<Doc<"facts">[]> {
  if (!ref?.messageIds.length) return [];
  const range = factsBy("by_tenant_message_more", [
    ["tenantId", tenantId],
    ["sourceRef.conversationId", ref.conversationId],
    ["hasMoreMessages", true],
    ["isCurrent", true],
    ["memorySpaceId", memorySpaceId],
    ...more,
  ]);
  const own = new Set(ref.messageIds);
  const found = await newestOf(ctx, range, budget);
  return found.filter(({ sourceRef }) =>
    sourceRef?.messageIds?.some((id) => own.has(id))
  );
}

/** The current facts whose first or last message is one of a memory's: two ranges for each message. */
function ofMessages(
  { tenantId }: Scope,
  { conversationRef: ref, memorySpaceId }: MadeMemory,
  ...more: Range["equals"][number][]
): Range[] {
  const messageIds = ref?.messageIds.slice(0, MAX_MESSAGES) ?? [];
  return messageIds.flatMap((messageId) =>
    ["first", "last"].map((which) =>
      factsBy(`by_tenant_message_${which}`, [
        ["tenantId", tenantId],
        ["sourceRef.conversationId", ref?.conversationId],
        [`${which}MessageId`, messageId],
        ["isCurrent", true],
        ["memorySpaceId", memorySpaceId],
        ...more,
      ])
    )
  );
}

/** Facts of an index range, in the order in which they were stored. */
function factsBy(index: string, equals: Range["equals"]): Range {
  return { table: "facts", index, equals, by: "_creationTime" };
}

/** The current facts that name a memory as their source, oldest first: 2,000 and 2 MiB of them, the newest. */
export async function factsFromMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: NamedMemory,
): Promise<Doc<"facts">[]> {
  const budget = new StepBudget(MAX_TAKEN, MAX_TAKEN_BYTES);
  return await newestOf(ctx, namingMemory(scope, memory), budget);
}

/** The newest facts of a range that the budget allows, oldest first. */
async function newestOf(
  ctx: QueryCtx,
  range: Range,
  budget: StepBudget,
): Promise<Doc<"facts">[]> {
  const newestFirst = { ...range, order: "desc" } as const;
  return (await takenFrom(ctx, newestFirst, budget, ({ bytes }) => bytes))
    .reverse();
}

/** Number of index ranges that {@link factsOfMemory} reads. */
export function rangesOfFacts({ conversationRef }: MadeMemory): number {
  return 2 +
    2 * Math.min(conversationRef?.messageIds.length ?? 0, MAX_MESSAGES);
}

/**
 * The current facts of a memory, oldest first, each once: those that name it as their source, and those that share a
 * message with it; of each the newest 200 that the budget allows. Reads two ranges, and two for each message of the
 * memory (of at most 20).
 *
 * @param whole Default: 4 MiB.
 */
export async function factsOfMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: MadeMemory,
  whole: StepBudget = new StepBudget(Infinity, MAX_SHOWN_BYTES),
): Promise<Doc<"facts">[]> {
  const found = new Map<string, Doc<"facts">>();
  const shown = () => new StepBudget(MAX_SHOWN, MAX_SHOWN_BYTES, whole);
  const ranges = [
    namingMemory(scope, memory),
    ...ofMessages(scope, memory),
  ];
  const take = (facts: readonly Doc<"facts">[]) => {
    for (const fact of facts) found.set(fact._id, fact);
  };
  for (const range of ranges) {
    take(await newestOf(ctx, range, shown()));
  }
  take(await amongLong(ctx, scope, memory, shown()));
  return [...found.values()].sort((a, b) => a._creationTime - b._creationTime);
}
