/** Removes a row from its table, together with its mirrors, its counts, and its words in other rows. */
import { deleteConversation } from "../conversations/conversationDelete.ts";
import { deleteMessages } from "../conversations/conversationStore.ts";
import type { Tallies } from "../counters.ts";
import { tallyRemoval } from "../facts/factCounts.ts";
import { heldVersions, noteHeld } from "../immutable/heldVersions.ts";
import { deleteRecord } from "../immutable/immutableStore.ts";
import { dropHanging, forgetRow } from "../idempotency/keptResults.ts";
import { deleteMemory } from "../memory/memoryStore.ts";
import type { Doc, Id, MutationCtx, TableName } from "../model.ts";
import { deleteValues } from "../mutable/mutableStore.ts";
import { deleteAgent } from "../registry/agentStore.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { findSpace } from "../spaces/spaceStore.ts";
import type { StepBudget } from "../paging/walk.ts";

/** Result of removing a row. */
export interface Removed {
  /** Whether the row is gone; otherwise the budget was spent first. */
  done: boolean;
  /** Messages that were removed with it. */
  messages?: number;
}

type Remover<Table extends TableName> = (
  ctx: MutationCtx,
  scope: Scope,
  row: Doc<Table>,
  budget: StepBudget,
  tallies: Tallies,
) => Promise<Removed | void>;

const REMOVERS: { readonly [Table in TableName]?: Remover<Table> } = {
  conversations: async (ctx, scope, row, budget, tallies) => {
    const { done, messagesDeleted } = await deleteConversation(
      ctx,
      scope,
      row,
      budget,
      tallies,
    );
    return { done, messages: messagesDeleted };
  },
  messages: removeMessage,
  memories: deleteMemory,
  facts: removeFact,
  immutable: deleteRecord,
  immutableVersions: removeVersion,
  agents: deleteAgent,
  mutable: (ctx, scope, row) => deleteValues(ctx, scope, [row]),
  spaceParticipants: removeParticipant,
  idempotencyKeys: removeKey,
  idempotencyTraces: removeTrace,
};

/** Dependent tables that a table's remover handles itself, in bounded steps. */
export const HANDLED: { readonly [Table in TableName]?: readonly TableName[] } =
  {
    conversations: ["messages"],
    idempotencyKeys: ["idempotencyTraces"],
    immutable: ["immutableVersions"],
    memories: ["memoryEmbeddings", "memoryEmbeddingsWide", "memoryVersions"],
  };

/**
 * Deletes a row that has no dependent rows left.
 *
 * @param tallies Collects changes of counters, which the rows of a step share.
 */
export async function removeRow<Table extends TableName>(
  ctx: MutationCtx,
  scope: Scope,
  table: Table,
  row: Doc<Table>,
  budget: StepBudget,
  tallies: Tallies,
): Promise<Removed> {
  const remove = REMOVERS[table] as Remover<Table> | undefined;
  if (remove !== undefined) {
    return await remove(ctx, scope, row, budget, tallies) ?? { done: true };
  }
  await ctx.db.delete(row._id as Id<TableName>);
  return { done: true };
}

async function removeFact(
  ctx: MutationCtx,
  _scope: Scope,
  row: Doc<"facts">,
  _room: StepBudget,
  tallies: Tallies,
): Promise<void> {
  await ctx.db.delete(row._id);
  if (row.isCurrent) tallyRemoval(tallies.of(row.factId), row);
}

/** Removes a message of a conversation that stays. */
async function removeMessage(
  ctx: MutationCtx,
  scope: Scope,
  row: Doc<"messages">,
  budget: StepBudget,
): Promise<void> {
  const conversation = await ctx.db.get(row.conversationDocId);
  // Read and written for each of its messages.
  budget.take(sizeOf(conversation), 0);
  if (conversation === null) await ctx.db.delete(row._id);
  else await deleteMessages(ctx, scope, conversation, [row.id]);
}

/** Removes a version of a record that stays, since it is another user's by now. */
async function removeVersion(
  ctx: MutationCtx,
  scope: Scope,
  row: Doc<"immutableVersions">,
  budget: StepBudget,
): Promise<void> {
  const record = await ctx.db.get(row.immutableDocId);
  // The oldest version, as a rule this one, is read before and after, to count those that are left.
  budget.take(sizeOf(record) + 2 * sizeOf(row), 0);
  const held = record === null ? 0 : await heldVersions(ctx, record);
  await ctx.db.delete(row._id);
  if (record === null) return;
  await noteHeld(ctx, record, held - 1);
  await forgetRow(ctx, scope, "immutable", record.type, record.id);
}

async function removeParticipant(
  ctx: MutationCtx,
  scope: Scope,
  row: Doc<"spaceParticipants">,
  budget: StepBudget,
): Promise<void> {
  await ctx.db.delete(row._id);
  const space = await findSpace(ctx, scope, row.memorySpaceId);
  if (space === null) return;
  // The space is read for each participant, and may list thousands.
  budget.take(sizeOf(space), 0);
  // A space that is being deleted takes its list with it.
  if (space.deletingSince !== undefined) return;
  const participants = space.participants
    .filter(({ id }) => id !== row.participantId);
  if (participants.length < space.participants.length) {
    await ctx.db.patch(space._id, { participants });
  }
}

/** Removes a key with all its traces: without one of them, the erasure of whom it names would not find the key. */
async function removeKey(
  ctx: MutationCtx,
  _scope: Scope,
  { _id }: Doc<"idempotencyKeys">,
  budget: StepBudget,
): Promise<void> {
  await ctx.db.delete(_id);
  await dropHanging(ctx, "idempotencyTraces", _id, budget, true);
}

/** Removes a trace that is not gone with its key. */
async function removeTrace(
  ctx: MutationCtx,
  _scope: Scope,
  { _id }: Doc<"idempotencyTraces">,
): Promise<void> {
  if (await ctx.db.get(_id) !== null) await ctx.db.delete(_id);
}
