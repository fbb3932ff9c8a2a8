/** Conversions of rows to the form that functions return, without internal fields, and the validators of that form. */
import { v } from "convex/values";
import { metadata, type mutableRef } from "./fields.ts";
import { readFreeForm } from "./freeForm/freeForm.ts";
import type { Doc } from "./model.ts";
import { type PackedRows, packRows } from "./paging/packedRows.ts";
import {
  conversationFields,
  factFields,
  memoryFields,
  messageFields,
} from "./tables/shownFields.ts";

const owned = { tenantId: v.optional(v.string()) };

/** Validator of a message as returned. */
export const messageView = v.object({ ...messageFields, ...metadata });

/** A message as returned. */
export type MessageView = typeof messageView.type;

/** Validator of a conversation as returned. */
export const conversationView = v.object({
  _id: v.id("conversations"),
  ...owned,
  ...conversationFields,
  ...metadata,
  messages: v.array(messageView),
});

/** A conversation as returned. */
export type ConversationView = typeof conversationView.type;

/** Validator of an earlier state of a memory as returned. */
export const memoryVersionView = v.object({
  version: v.number(),
  content: v.string(),
  embedding: v.optional(v.array(v.number())),
  timestamp: v.number(),
});

/** An earlier state of a memory as returned. */
export type MemoryVersionView = typeof memoryVersionView.type;

/** Validator of a memory as returned. */
export const memoryEntry = v.object({
  _id: v.id("memories"),
  ...owned,
  ...memoryFields,
  ...metadata,
  embedding: v.optional(v.array(v.number())),
  previousVersions: v.array(memoryVersionView),
});

/** A memory as returned. */
export type MemoryEntry = typeof memoryEntry.type;

/** Validator of a fact as returned. */
export const factRecord = v.object({
  _id: v.id("facts"),
  ...owned,
  ...factFields,
  ...metadata,
});

/** A fact as returned. */
export type FactRecord = typeof factRecord.type;

const MESSAGE_FIELDS = namesOf(messageFields);
const SHOWN_OF_MESSAGES = namesOf({ ...messageFields, ...metadata }).toSorted();
const CONVERSATION_FIELDS = namesOf({ ...conversationFields, ...owned });
const MEMORY_FIELDS = namesOf({ ...memoryFields, ...owned });
const FACT_FIELDS = namesOf({ ...factFields, ...owned });

function namesOf<Fields extends object>(fields: Fields): (keyof Fields)[] {
  return Object.keys(fields) as (keyof Fields)[];
}

/** Converts a message row to the form returned. */
export function toMessage(row: Doc<"messages">): MessageView {
  return { ...pick(row, MESSAGE_FIELDS), ...readFreeForm("metadata", row) };
}

/** Converts message rows to the form returned, packed. */
export function packMessages(rows: readonly Doc<"messages">[]): PackedRows {
  // Most rows can be returned as they are.
  const shown = rows.map((row) =>
    row.metadataJson === undefined ? row : toMessage(row)
  );
  return packRows(shown, SHOWN_OF_MESSAGES);
}

/** Converts a conversation row to the form returned, with the given messages, oldest first. */
export function toConversation(
  row: Doc<"conversations">,
  messages: readonly Doc<"messages">[] = [],
): ConversationView {
  return {
    _id: row._id,
    ...pick(row, CONVERSATION_FIELDS),
    ...readFreeForm("metadata", row),
    messages: messages.map(toMessage),
  };
}

/**
 * Converts a memory row to the form returned. Embedding and versions are in other tables, and are passed if they were
 * read.
 */
export function toMemoryEntry(
  row: Doc<"memories">,
  embedding?: readonly number[],
  previousVersions: MemoryVersionView[] = [],
): MemoryEntry {
  const { mutableRef: ref } = row;
  return {
    _id: row._id,
    ...pick(row, MEMORY_FIELDS),
    ...(ref && { mutableRef: readMutableRef(ref) }),
    ...readFreeForm("metadata", row),
    ...(embedding !== undefined && { embedding: [...embedding] }),
    previousVersions,
  };
}

function readMutableRef(ref: typeof mutableRef.type): typeof mutableRef.type {
  const { snapshotValue: _, snapshotValueJson: __, ...rest } = ref;
  return { ...rest, ...readFreeForm("snapshotValue", ref) };
}

/** Converts a fact row to the form returned. */
export function toFactRecord(row: Doc<"facts">): FactRecord {
  return {
    _id: row._id,
    ...pick(row, FACT_FIELDS),
    ...readFreeForm("metadata", row),
  };
}

/** Copies the named fields that a row has. */
export function pick<Row, Field extends keyof Row>(
  row: Row,
  fields: readonly Field[],
): Pick<Row, Field> {
  const picked = {} as Pick<Row, Field>;
  for (const field of fields) {
    if (row[field] !== undefined) picked[field] = row[field];
  }
  return picked;
}
