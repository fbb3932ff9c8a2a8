import { assertEquals } from "@std/assert";
import schema from "../../src/convex/schema.ts";
import {
  dependentsOf,
  spaceFields,
  type TracedField,
  userFields,
} from "../../src/convex/lib/erasure/traces.ts";

/** Fields that no index leads to, as `table.field`: rows that erasure cannot find. */
function untraced(fields: readonly TracedField[]): string[] {
  return fields.filter(({ index }) => index === undefined)
    .map(({ table, field }) => `${table}.${field}`);
}

Deno.test("every field of the schema that names a user is one by which erasure finds its rows", () => {
  assertEquals(untraced(userFields()), []);
});

Deno.test("every table of a memory space is one whose rows go with the space", () => {
  assertEquals(untraced(spaceFields()), []);
});

Deno.test("tables that hold users' rows are known", () => {
  const tables = new Set<string>(userFields().map(({ table }) => table));
  for (
    const table of [
      "conversations",
      "factHistory",
      "facts",
      "immutable",
      "immutableVersions",
      "memories",
      "messages",
      "mutable",
    ]
  ) assertEquals([table, tables.has(table)], [table, true]);
});

Deno.test("rows that belong to another row are found by it", () => {
  const dependents = dependentsOf("memories");
  assertEquals(untraced(dependents), []);
  assertEquals(
    dependents.map(({ table }) => table as string).sort().slice(0, 2),
    ["memoryEmbeddings", "memoryEmbeddingsWide"],
  );
  assertEquals(
    dependentsOf("conversations").map(({ table }) => table as string),
    ["messages"],
  );
});

/** Fields that name no owner, or an owner by whom erasure finds the row in another way. */
const OTHERS: Record<string, string> = {
  tenantId: "a tenant",
  organizationId: "an organisation",
  memorySpaceId: "a space",
  memorySpaceIds: "spaces",
  conversationId: "a conversation",
  memoryId: "a memory",
  archivedByMemoryId: "a memory",
  messageIds: "messages",
  sourceMessageId: "a message",
  firstMessageId: "a message",
  lastMessageId: "a message",
  factId: "a fact",
  eventId: "an event of a fact",
  requestId: "an erasure",
  agentId: "an agent",
  participantId: "a participant, found by spaceParticipants where it is a user",
  participants: "participants, mirrored by spaceParticipants",
  subject: "what a fact is about, found by subjectKey",
  subjectHash: "a hash",
  subjectId: "the subject of an erasure that runs, gone when it is done",
  supersededBy: "a fact",
  requestedBy: "a hash",
  id: "a record; of a profile the user, found by type and id",
  caller: "a hash",
  embeddingDocId: "an embedding",
};

/** Names that fields about people end with. */
const ABOUT_SOMEBODY =
  /(id|ids|by|user|users|owner|author|actor|person|people|participants?|subject|caller|subjectHash)$/i;

interface FieldJson {
  type: string;
  value?: unknown;
}

Deno.test("every field whose name may mean a person is erased by, or said here to mean something else", () => {
  const found = new Set(
    userFields().map(({ table, field }) => `${table}.${field}`),
  );
  const unknown: string[] = [];
  const visit = (
    path: string,
    fields: Record<string, { fieldType: FieldJson }>,
  ) => {
    for (const [name, { fieldType }] of Object.entries(fields)) {
      const full = `${path}.${name}`;
      const isNamed = ABOUT_SOMEBODY.test(name) && fieldType.type !== "id";
      if (isNamed && !found.has(full) && !(name in OTHERS)) unknown.push(full);
      if (fieldType.type === "object") visit(full, fieldType.value as never);
    }
  };
  for (const [table, { validator }] of Object.entries(schema.tables)) {
    visit(
      table,
      (validator as unknown as { json: { value: never } }).json.value,
    );
  }
  assertEquals(unknown, []);
});
