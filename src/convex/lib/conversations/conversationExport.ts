/**
 * Exports of conversations with all their messages. Each step writes a part of the text; a conversation that is too
 * long for one step continues in the next.
 *
 * @module
 */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { conversationRange, isSelected } from "./conversationRanges.ts";
import { filterOf } from "./conversationSearch.ts";
import { findConversation } from "./conversationStore.ts";
import { readCursor } from "../paging/cursor.ts";
import {
  csvPart,
  exportFormat,
  exportResult,
  jsonFrame,
  nested,
  type PartPlace,
} from "../export/exportText.ts";
import { conversationType } from "../fields.ts";
import { freeFormJson } from "../freeForm/freeForm.ts";
import { defineQuery } from "../functions.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { toMessage } from "../shapes.ts";
import { sizeOf, utf8Length } from "../size.ts";
import { StepBudget, walk } from "../paging/walk.ts";

/** Most rows, and bytes of their contents, that one step reads. */
const MAX_ROWS = 4000;
const MAX_BYTES = 3 * 1024 * 1024;

const exportArgs = {
  ...accessArgs,
  userId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  memorySpaceId: v.optional(v.string()),
  conversationIds: v.optional(v.array(v.string())),
  type: v.optional(conversationType),
  /** Inclusive bounds of `createdAt`, in ms. */
  dateStart: v.optional(v.number()),
  dateEnd: v.optional(v.number()),
  format: exportFormat,
  includeMetadata: v.optional(v.boolean()),
  cursor: v.optional(v.string()),
};

type ExportArgs = ObjectType<typeof exportArgs>;

/** Where an export stands between two steps. */
interface State {
  /** Where to continue: a cursor of the walk, or an index in the list of ids. */
  at?: string | number;
  /** Whether the text holds a conversation. */
  any: boolean;
  /** A conversation whose messages are not all written. */
  open?: OpenConversation;
}

/** A conversation that is being written, the number of messages written, and the cursor after the last one. */
interface OpenConversation {
  id: string;
  sent: number;
  after?: string;
}

/**
 * `conversations:exportConversations`. While `done` is false, `data` is to be continued: call again with the cursor and
 * append.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export const exportConversationsQuery = defineQuery({
  args: exportArgs,
  returns: exportResult,
  handler: async (ctx, args, scope) => {
    const state = parse(args.cursor);
    const budget = new StepBudget(MAX_ROWS, MAX_BYTES);
    const part = args.format === "json"
      ? await jsonText(ctx, scope, args, state, budget)
      : await csvLines(ctx, scope, args, state, budget);
    const place: PartPlace = {
      isFirst: args.cursor === undefined,
      hasRecords: state.any,
      isLast: part.done,
    };
    return {
      format: args.format,
      data: typeof part.body === "string"
        ? jsonFrame(part.body, place)
        : csvPart(headerOf(args), part.body, place),
      count: part.count,
      exportedAt: scope.now,
      done: part.done,
      ...(!part.done && { cursor: JSON.stringify(state) }),
    };
  },
});

interface Part<Body> {
  body: Body;
  count: number;
  done: boolean;
}

async function csvLines(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportArgs,
  state: State,
  budget: StepBudget,
): Promise<Part<string[][]>> {
  const body: string[][] = [];
  const filter = filterOf(args);
  const result = (done: boolean) => ({ body, count: body.length, done });
  for await (const { row, at } of candidates(ctx, scope, args, state.at)) {
    if (budget.isSpent) return result(false);
    budget.take(row === null ? 0 : sizeOf(row));
    if (row === null || !isSelected(row, filter)) {
      state.at = at;
      continue;
    }
    body.push(lineOf(row, args));
    Object.assign(state, { at, any: true });
  }
  return result(true);
}

function headerOf(args: ExportArgs): string[] {
  return [
    "conversationId",
    "type",
    "participants",
    "messageCount",
    "createdAt",
    "updatedAt",
    ...args.includeMetadata ? ["metadata"] : [],
  ];
}

function lineOf(row: Doc<"conversations">, args: ExportArgs): string[] {
  return [
    row.conversationId,
    row.type,
    JSON.stringify(row.participants),
    String(row.messageCount),
    new Date(row.createdAt).toISOString(),
    new Date(row.updatedAt).toISOString(),
    ...args.includeMetadata
      ? [JSON.stringify(freeFormJson("metadata", row) ?? {})]
      : [],
  ];
}

async function jsonText(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportArgs,
  state: State,
  budget: StepBudget,
): Promise<Part<string>> {
  let body = "";
  let count = 0;
  const filter = filterOf(args);
  const part = (done: boolean) => ({ body, count, done });
  for await (const { row, at } of candidates(ctx, scope, args, state.at)) {
    if (row === null || !isSelected(row, filter)) {
      if (budget.isSpent) return part(false);
      budget.take(row === null ? 0 : sizeOf(row));
      if (state.open === undefined) state.at = at;
      continue;
    }
    if (state.open !== undefined && state.open.id !== row._id) {
      // The conversation that was being written has been deleted meanwhile.
      body += `${endOfMessages(state.open.sent)}\n  }`;
      delete state.open;
    }
    if (budget.isSpent) return part(false);
    budget.take(sizeOf(row));
    if (state.open === undefined) {
      body += `${state.any ? "," : ""}${startOfConversation(row)}`;
      state.any = true;
      state.open = { id: row._id, sent: 0 };
      count++;
    }
    const { text, isWhole } = await messagesText(ctx, state.open, budget);
    body += text;
    if (!isWhole) return part(false);
    body += endOfConversation(row, args, state.open.sent);
    delete state.open;
    state.at = at;
  }
  if (state.open !== undefined) {
    body += `${endOfMessages(state.open.sent)}\n  }`;
  }
  return part(true);
}

/** The text of a conversation up to its first message. */
function startOfConversation(row: Doc<"conversations">): string {
  const { conversationId, type, participants } = row;
  return `\n  {${
    fields({ conversationId, type, participants })
  },\n    "messages": [`;
}

/** The text after the last message of a conversation. */
function endOfConversation(
  row: Doc<"conversations">,
  args: ExportArgs,
  sent: number,
): string {
  const { createdAt, updatedAt } = row;
  const metadata = args.includeMetadata
    ? { metadata: freeFormJson("metadata", row) ?? {} }
    : {};
  return `${endOfMessages(sent)},${
    fields({ createdAt, updatedAt, ...metadata })
  }\n  }`;
}

/** Writes the remaining messages of a conversation while the budget lasts. */
async function messagesText(
  ctx: QueryCtx,
  open: OpenConversation,
  budget: StepBudget,
): Promise<{ text: string; isWhole: boolean }> {
  let text = "";
  const messages = walk(ctx, [{
    table: "messages",
    index: "by_conversation_seq",
    equals: [["conversationDocId", open.id]],
    by: "seq",
  }], open.after);
  let last: { cursor: string } | undefined;
  const part = (isWhole: boolean) => {
    if (last !== undefined) open.after = last.cursor;
    return { text, isWhole };
  };
  for await (const walked of messages) {
    if (budget.isSpent) return part(false);
    const message = nested(jsonOf(walked.row), 6);
    budget.take(utf8Length(message));
    text += `${open.sent > 0 ? "," : ""}\n      ${message}`;
    open.sent++;
    last = walked;
  }
  return part(true);
}

/** Closes the list of messages, and adds their number. */
function endOfMessages(sent: number): string {
  return `${sent > 0 ? "\n    " : ""}],\n    "messageCount": ${sent}`;
}

function fields(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `\n    "${name}": ${nested(value, 4)}`)
    .join(",");
}

function jsonOf(message: Doc<"messages">): object {
  const { metadataJson: _, metadata: __, ...view } = toMessage(message);
  const metadata = freeFormJson("metadata", message);
  return metadata === undefined ? view : { ...view, metadata };
}

/**
 * Yields conversations that may be selected, oldest first or in the order of the ids, each with the cursor after it.
 */
async function* candidates(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportArgs,
  at: State["at"],
): AsyncGenerator<{ row: Doc<"conversations"> | null; at: string | number }> {
  if (args.conversationIds === undefined) {
    const place = typeof at === "string" ? at : undefined;
    const range = conversationRange(scope, filterOf(args), "asc");
    for await (const { row, cursor } of walk(ctx, [range], place)) {
      yield { row, at: cursor };
    }
    return;
  }
  const ids = [...new Set(args.conversationIds)];
  for (let index = Number(at ?? 0); index < ids.length; index++) {
    const row = await findConversation(ctx, scope, ids[index] as string);
    yield { row, at: index + 1 };
  }
}

function parse(cursor: string | undefined): State {
  return cursor === undefined
    ? { any: false }
    : readCursor<State>(cursor, ({ any }) => typeof any === "boolean");
}
