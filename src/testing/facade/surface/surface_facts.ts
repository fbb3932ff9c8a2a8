/** Calls every method of `conversations` and `facts` with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  AddMessageInput,
  CreateConversationInput,
  ListConversationsFilter,
} from "../../../cortex/types/conversations.ts";
import type {
  BeliefRevisionConfig,
  ReviseParams,
} from "../../../cortex/types/fact_belief.ts";
import type {
  FactPaging,
  StoreFactParams,
  UniversalFactFilter,
  UpdateFactInput,
} from "../../../cortex/types/fact_params.ts";
import {
  controls,
  job,
  later,
  tenantId,
  write,
  writeJob,
} from "./surface_support.ts";

const memorySpaceId = "talks";

const talk = (conversationId: string): Required<CreateConversationInput> => ({
  conversationId,
  memorySpaceId,
  tenantId,
  participantId: "helper",
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper", participantId: "helper" },
  metadata: { topic: "printers" },
});
const message: Required<AddMessageInput["message"]> = {
  id: "msg-1",
  role: "user",
  content: "Which toner?",
  participantId: "helper",
  metadata: { mood: "curious" },
  timestamp: 1000,
};
const owned = {
  tenantId,
  userId: "ada",
  memorySpaceId,
  type: "user-agent",
} as const;
const listed: Required<ListConversationsFilter> = {
  ...owned,
  tenantId,
  participantId: "helper",
  createdAfter: 0,
  createdBefore: later,
  updatedAfter: 0,
  updatedBefore: later,
  lastMessageAfter: 0,
  lastMessageBefore: later,
  messageCount: { min: 1, max: 5 },
  metadata: { topic: "printers" },
  limit: 10,
  offset: 0,
  sortBy: "lastMessageAt",
  sortOrder: "asc",
  includeMessages: true,
};
const dateRange = { start: 0, end: later };

/** `conversations` */
export async function callConversations(
  { conversations }: Cortex,
): Promise<void> {
  const { conversationId } = await conversations.create(
    talk("conv-2"),
    write(),
  );
  const { messageCount } = await conversations.addMessage({
    conversationId,
    message,
  }, write());
  assertEquals(messageCount, 1);
  const got = await conversations.get(conversationId, {
    ...controls,
    includeMessages: true,
    messageLimit: 1,
  });
  assertEquals(got?.messages[0]?.content, message.content);
  assertEquals((await conversations.list(listed, controls)).total, 1);
  assertEquals(await conversations.count(owned, controls), 1);
  const one = await conversations.getMessage(conversationId, "msg-1", controls);
  assertEquals(one?.role, "user");
  const some = await conversations.getMessagesByIds(
    conversationId,
    ["msg-1"],
    controls,
  );
  assertEquals(some.length, 1);
  const found = await conversations.findConversation({
    ...owned,
    memorySpaceIds: [memorySpaceId, "other"],
  }, controls);
  assertEquals(found?.conversationId, conversationId);
  const same = await conversations.getOrCreate(talk("conv-2"), write());
  assertEquals(same.conversationId, conversationId);
  const history = await conversations.getHistory(conversationId, {
    ...controls,
    limit: 5,
    offset: 0,
    sortOrder: "desc",
    since: 0,
    until: later,
    roles: ["user"],
  });
  assertEquals(history.total, 1);
  const hits = await conversations.search({
    query: "toner",
    filters: { ...owned, dateRange, limit: 5 },
    options: { searchIn: "content", matchMode: "contains" },
  }, controls);
  assertEquals(hits.length, 1);
  const text = await conversations.export({
    filters: {
      ...owned,
      participantId: "helper",
      conversationIds: [conversationId],
      dateRange,
    },
    format: "csv",
    includeMetadata: true,
  }, job);
  assertEquals(text.count, 1);
  const many = await conversations.deleteMany(owned, {
    ...writeJob(),
    dryRun: true,
    requireConfirmation: true,
    confirmationThreshold: 5,
  });
  assertEquals(many.wouldDelete, 1);
  const gone = await conversations.delete(conversationId, writeJob());
  assertEquals(gone.messagesDeleted, 1);
}

const told: Required<StoreFactParams> = {
  memorySpaceId,
  tenantId,
  participantId: "helper",
  userId: "ada",
  fact: "Ada works at Acme",
  factType: "relationship",
  subject: "ada",
  predicate: "works at",
  object: "Acme",
  confidence: 80,
  sourceType: "manual",
  sourceRef: { conversationId: "c", messageIds: ["m"], memoryId: "mem-1" },
  metadata: { level: 1 },
  tags: ["work"],
  category: "job",
  searchAliases: ["employer"],
  semanticContext: "Where Ada works",
  entities: [{ name: "Acme", type: "company", fullValue: "Acme Inc." }],
  relations: [{ subject: "ada", predicate: "works at", object: "Acme" }],
  validFrom: 0,
  validUntil: later,
};
const past = new Date(0);
const future = new Date(later);
const filter: Required<UniversalFactFilter> = {
  factType: "relationship",
  subject: "ada",
  predicate: "works at",
  object: "Acme",
  minConfidence: 10,
  confidence: 80,
  userId: "ada",
  participantId: "helper",
  tags: ["work"],
  tagMatch: "all",
  sourceType: "manual",
  createdBefore: future,
  createdAfter: past,
  updatedBefore: future,
  updatedAfter: past,
  version: 1,
  includeSuperseded: false,
  validAt: new Date(),
  metadata: { level: 1 },
};
const page: Required<FactPaging> = {
  limit: 5,
  offset: 0,
  sortBy: "confidence",
  sortOrder: "asc",
};
const updates: Required<UpdateFactInput> = {
  fact: "Ada works at Acme in Bath",
  confidence: 85,
  tags: ["work", "bath"],
  validUntil: later,
  metadata: { level: 2 },
  category: "job",
  searchAliases: ["boss"],
  semanticContext: "Where Ada works now",
  entities: told.entities,
  relations: told.relations,
};
const revised: Required<ReviseParams> = {
  memorySpaceId,
  tenantId,
  userId: "ada",
  participantId: "helper",
  sourceType: "conversation",
  sourceRef: told.sourceRef,
  fact: {
    fact: "Ada lives in Bath",
    factType: "identity",
    subject: "ada",
    predicate: "lives in",
    object: "Bath",
    confidence: 80,
    tags: ["home"],
  },
};
const generateEmbedding = () => Promise.resolve([1, 0]);
const config: Required<BeliefRevisionConfig> = {
  slotMatching: { enabled: true, predicateClasses: { shoe: ["wears"] } },
  semanticMatching: {
    enabled: true,
    threshold: 0.9,
    limit: 3,
    generateEmbedding,
  },
  llmResolution: { enabled: false, model: "m" },
  history: { enabled: true, retentionDays: 30 },
};

/** `facts` */
export async function callFacts({ facts }: Cortex): Promise<void> {
  const inSpace = { ...filter, ...page, memorySpaceId, tenantId };
  const { factId } = await facts.store(told, write());
  assertEquals((await facts.get(memorySpaceId, factId, controls))?.version, 1);
  assertEquals((await facts.list(inSpace, controls)).length, 1);
  const { limit: _, offset: __, sortBy: ___, sortOrder: ____, ...counted } =
    inSpace;
  assertEquals(await facts.count(counted, controls), 1);
  const options = { ...filter, ...page };
  const hits = await facts.search(memorySpaceId, "Acme", options, controls);
  assertEquals(hits.length, 1);
  assertEquals((await facts.queryBySubject(inSpace, controls)).length, 1);
  assertEquals((await facts.queryByRelationship(inSpace, controls)).length, 1);
  const again = await facts.storeWithDedup(told, {
    ...write(),
    deduplication: {
      strategy: "semantic",
      similarityThreshold: 0.9,
      generateEmbedding,
    },
  });
  assertEquals(again.fact.factId, factId);
  const next = await facts.update(memorySpaceId, factId, updates, write());
  assertEquals(next.version, 2);
  const versions = await facts.getHistory(memorySpaceId, factId, controls);
  assertEquals(versions.length, 2);

  assertEquals(facts.hasBeliefRevision(), true);
  facts.configureBeliefRevision(
    { complete: () => Promise.resolve("") },
    config,
  );
  const check = await facts.checkConflicts(revised, controls);
  assertEquals(check.recommendedAction, "ADD");
  const { fact: home } = await facts.revise(revised, write());
  const ids = {
    memorySpaceId,
    tenantId,
    oldFactId: home.factId,
    newFactId: next.factId,
  };
  const done = await facts.supersede({ ...ids, reason: "surface" }, write());
  assertEquals(done.superseded, true);
  const other = await facts.store(told, write());
  const merged = await facts.consolidate({
    memorySpaceId,
    tenantId,
    factIds: [next.factId, other.factId],
    keepFactId: next.factId,
  }, write());
  assertEquals(merged.mergedCount, 1);

  const [event] = await facts.history(next.factId, 10, controls);
  assertEquals(event?.memorySpaceId, memorySpaceId);
  const changes = await facts.getChanges({
    memorySpaceId,
    after: past,
    before: future,
    action: "SUPERSEDE",
    limit: 10,
    offset: 0,
  }, controls);
  assertEquals(changes.length, 2);
  const chain = await facts.getSupersessionChain(home.factId, controls);
  assertEquals(chain.at(-1)?.factId, next.factId);
  const summary = await facts.getActivitySummary(memorySpaceId, 2, controls);
  assertEquals(summary.timeRange.hours, 2);
  const text = await facts.export(
    { memorySpaceId, tenantId, format: "jsonld", factType: "relationship" },
    job,
  );
  assertEquals(text.count, 1);
  const gone = await facts.delete(memorySpaceId, next.factId, write());
  assertEquals(gone.deleted, true);
  const many = {
    memorySpaceId,
    tenantId,
    userId: "ada",
    factType: "relationship",
  } as const;
  assertEquals((await facts.deleteMany(many, writeJob())).deleted, 3);
}
