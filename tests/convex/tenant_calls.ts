/** A tenant's rows of every kind, and calls of every public function that name them. */
import { modules } from "../../src/convex/index.ts";
import { axis, type Backend, exchange, fact, NOW, SPACE } from "./backend.ts";

type Args = Record<string, unknown>;

/** A public function as registered. */
export interface PublicFunction {
  name: string;
  kind: "query" | "mutation" | "action";
  args: Record<string, { optional: boolean; fieldType: { type: string } }>;
}

interface Registered {
  isPublic?: boolean;
  isQuery?: boolean;
  isMutation?: boolean;
  exportArgs(): string;
}

/** Every public function of the backend. */
export const publicFunctions: PublicFunction[] = Object.entries(modules)
  .flatMap(([path, exports]) =>
    Object.entries(exports as Record<string, Registered>)
      .filter(([, { isPublic }]) => isPublic)
      .map(([name, registered]) => ({
        name: `${path}:${name}`,
        kind: registered.isQuery
          ? "query"
          : registered.isMutation
          ? "mutation"
          : "action",
        args: JSON.parse(registered.exportArgs()).value,
      }))
  );

/** Stores rows of every kind for a tenant, or for none. */
export async function seed(
  backend: Backend,
  tenantId: string | undefined,
): Promise<void> {
  const whose = tenantId === undefined ? {} : { tenantId };
  const write = (name: string, args: Args) =>
    backend.mutation(name, { ...whose, ...args });
  await write("memorySpaces:register", {
    memorySpaceId: SPACE,
    name: "Space one",
    type: "team",
    participants: [
      { id: "ann", type: "user", joinedAt: NOW },
      { id: "helper", type: "agent", joinedAt: NOW },
    ],
  });
  await write("agents:register", { agentId: "helper", name: "Helper" });
  for (const color of ["red", "blue"]) {
    await write("users:update", { userId: "ann", data: { color } });
    await write("immutable:store", {
      type: "doc",
      id: "doc-1",
      userId: "ann",
      data: { color },
    });
  }
  await write("mutable:set", {
    namespace: "cart",
    key: "k1",
    value: 1,
    userId: "ann",
  });
  await write(
    "memory:remember",
    exchange({
      participantId: "helper",
      facts: [tea("fact-1")],
      factMode: "plain",
    }),
  );
  await write("memories:update", {
    memorySpaceId: SPACE,
    memoryId: "mem-u1",
    content: "question one",
    embedding: axis(0),
  });
  for (const memoryId of ["mem-old", "mem-new"]) {
    await write("memories:store", { ...newMemory, memoryId });
  }
  await write("memory:archive", { memorySpaceId: SPACE, memoryId: "mem-old" });
  await write("memories:storePartialMemory", {
    ...pick(samples, ["memorySpaceId", "conversationId", "importance", "tags"]),
    memoryId: "mem-part",
    content: "half an ans",
    isPartial: true,
    userId: "ann",
  });
  await write("facts:store", {
    ...tea("fact-2"),
    memorySpaceId: SPACE,
    sourceType: "manual",
    userId: "ann",
  });
  await write("facts:update", {
    memorySpaceId: SPACE,
    factId: "fact-2",
    newFactId: "fact-3",
    fact: "Ann likes green tea.",
  });
}

const tea = (factId: string) =>
  fact(factId, {
    fact: "Ann likes tea.",
    subject: "ann",
    predicate: "likes",
    object: "tea",
    embedding: axis(1),
  });

const newMemory = {
  memorySpaceId: SPACE,
  content: "question in general",
  contentType: "raw",
  sourceType: "system",
  importance: 50,
  tags: ["chat"],
};

/** What arguments are called, and what they are in a call. Values are those of {@link seed}. */
const samples: Args = {
  agentId: "helper",
  agentIds: ["helper"],
  cascade: true,
  chosen: "ann",
  confidence: 80,
  content: "question of tea",
  contentType: "raw",
  conversationId: "conv-1",
  conversationIds: ["conv-1"],
  factId: "fact-1",
  factIds: ["fact-1", "fact-3"],
  factType: "knowledge",
  factTypes: ["knowledge"],
  format: "json",
  id: "doc-1",
  importance: 50,
  includeConversation: true,
  isPartial: true,
  keepFactId: "fact-1",
  keepLatest: 1,
  key: "k1",
  limit: 10,
  memoryId: "mem-u1",
  memoryIds: ["mem-u1", "mem-a1"],
  memorySpaceId: SPACE,
  message: { id: "m-2", role: "user", content: "question two" },
  messageId: "u1",
  messageIds: ["u1", "a1"],
  name: "Helper",
  namespace: "cart",
  newFactId: "fact-3",
  oldFactId: "fact-1",
  olderThan: NOW + 1,
  operation: "increment",
  participantId: "helper",
  participants: { userId: "ann", agentId: "helper" },
  predicate: "likes",
  query: "question",
  reason: "it must go",
  sources: { vector: true, facts: true },
  sourceType: "manual",
  strategy: "exact",
  subject: "ann",
  tags: ["chat"],
  timestamp: NOW + 1,
  type: "user-agent",
  userId: "ann",
  userIds: ["ann"],
  version: 1,
};

/** Optional arguments that lead further into a tenant's rows. */
const options: Args = {
  ...pick(samples, [
    "agentIds",
    "conversationIds",
    "participantId",
    "requestId",
    "type",
    "userId",
  ]),
  requestId: "erase-1",
  cascadeDeleteFacts: true,
  deleteConversation: true,
  deleteEntireConversation: true,
  dryRun: true,
  includeConversations: true,
  includeEmbeddings: true,
  includeFacts: true,
  includeMemories: true,
  includeMessages: true,
  includeParticipants: true,
  includeStats: true,
  includeSuperseded: true,
  includeVersionHistory: true,
  merge: true,
  participant: "ann",
  withRevision: true,
};

const sought = pick(tea("fact-9"), [
  "fact",
  "factType",
  "subject",
  "predicate",
  "object",
  "confidence",
]);

/** Arguments of functions for which the names alone do not say enough. */
const particular: Record<string, Args> = {
  "agents:unregisterMany": { agentIds: ["helper"] },
  "batch:run": {
    calls: [
      {
        name: "memory:forget",
        args: pick(samples, ["memorySpaceId", "memoryId"]),
      },
      {
        name: "conversations:addMessage",
        args: pick(samples, ["conversationId", "message"]),
      },
    ],
  },
  "conversations:deleteMany": { userId: "ann" },
  "conversations:findConversation": { userId: "ann" },
  "factHistory:getHistory": { factId: "fact-2" },
  "factHistory:getEvent": { eventId: "" },
  "factHistory:deleteByFactId": { factId: "fact-2" },
  "factHistory:logEvent": { action: "UPDATE" },
  "facts:candidates": { facts: [sought] },
  "facts:checkConflicts": { fact: sought },
  "facts:findDuplicate": { fact: sought },
  "facts:revise": tea("fact-9"),
  "facts:search": { query: "tea" },
  "facts:store": tea("fact-1"),
  "facts:storeWithDedup": tea("fact-9"),
  "facts:update": { fact: "Ann loves tea.", newFactId: "fact-9" },
  "facts:updateInPlace": { fact: "Ann loves tea." },
  "immutable:purgeMany": { type: "doc" },
  "immutable:search": { query: "blue" },
  "immutable:store": { data: { color: "green" } },
  "memories:finalizePartialMemory": { memoryId: "mem-part" },
  "memories:restoreFromArchive": { memoryId: "mem-old" },
  "memories:search": { query: "question general" },
  "memories:searchWithEmbedding": { query: "question", embedding: axis(0) },
  "memories:store": { ...newMemory, memoryId: "mem-new" },
  "memories:storePartialMemory": { memoryId: "mem-part" },
  "memories:update": { importance: 70 },
  "memories:updateMany": { importance: 70 },
  "memories:updatePartialMemory": { memoryId: "mem-part" },
  "memory:search": { query: "question general" },
  "memory:searchWithEmbedding": { query: "question", embedding: axis(0) },
  "memory:recallWithEmbedding": { query: "question", embedding: axis(0) },
  "memory:remember": exchange({ facts: [tea("fact-1")], factMode: "exact" }),
  "memory:restoreFromArchive": { memoryId: "mem-old" },
  "memory:update": { importance: 70 },
  "memory:updateMany": { importance: 70 },
  "memorySpaces:addParticipant": {
    participant: { id: "bob", type: "user", joinedAt: NOW },
  },
  "memorySpaces:register": { type: "team", participants: [] },
  "memorySpaces:search": { query: "space" },
  "memorySpaces:update": { name: "Space two" },
  "memorySpaces:updateParticipants": { remove: ["ann"] },
  "mutable:set": { value: 2 },
  "mutable:transaction": {
    operations: [{ op: "increment", namespace: "cart", key: "k1" }],
  },
  "transfer:load": {
    lines: [JSON.stringify({
      table: "agents",
      row: {
        agentId: "helper",
        name: "Helper",
        status: "active",
        registeredAt: NOW,
        updatedAt: NOW,
      },
    })],
  },
  "users:updateProfiles": { data: { color: "green" } },
  "users:update": { data: { color: "green" } },
};

const ofModule: Record<string, Args> = {
  immutable: { type: "doc" },
  memorySpaces: { type: "team", status: "active" },
};

/** The calls of a function: with what it needs, and with what it takes besides. */
export function callsOf(
  { name, args }: PublicFunction,
  eventId: string,
): Args[] {
  const of = { ...ofModule[name.split(":")[0]!], ...particular[name] };
  if ("eventId" in of) of.eventId = eventId;
  const chosen = (isWanted: (argument: string) => boolean, from: Args) =>
    pick(from, Object.keys(args).filter(isWanted));
  const needed = {
    ...chosen((argument) => !args[argument]!.optional, { ...samples, ...of }),
    ...particular[name],
    ...("eventId" in of && { eventId }),
  };
  const isMissing = (argument: string) =>
    !args[argument]!.optional && !(argument in needed);
  const missing = Object.keys(args).filter(isMissing);
  if (missing.length > 0) {
    throw new Error(`say in tenant_calls.ts what ${missing} of ${name} are`);
  }
  const more = chosen(
    (argument) => args[argument]!.optional === true && !(argument in needed),
    { ...options, ...ofModule[name.split(":")[0]!] },
  );
  return Object.keys(more).length === 0
    ? [needed]
    : [needed, { ...needed, ...more }];
}

function pick(from: Args, names: string[]): Args {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined)
      .map((name) => [name, from[name]]),
  );
}
