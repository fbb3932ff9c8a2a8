/** Calls every method of `memory` and `vector` with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ExtractedFact } from "../../../cortex/types/facts.ts";
import type { RememberParams } from "../../../cortex/types/memory.ts";
import type { RecallParams } from "../../../cortex/types/recall.ts";
import type {
  ListMemoriesFilter,
  MemoryUpdates,
  SearchMemoriesOptions,
  StoreMemoryInput,
} from "../../../cortex/types/vector.ts";
import {
  controls,
  job,
  later,
  tenantId,
  write,
  writeJob,
} from "./surface_support.ts";

const memorySpaceId = "space";
const embedding = [1, 0];
const fact: ExtractedFact = {
  fact: "Ada owns a printer",
  factType: "knowledge",
  subject: "ada",
  predicate: "owns",
  object: "printer",
  confidence: 90,
  tags: ["office"],
};
const extractFacts = () => Promise.resolve([fact]);

const exchange: Required<RememberParams> = {
  memorySpaceId,
  tenantId,
  conversationId: "conv-1",
  userMessage: "My printer is a Brother HL-2030.",
  agentResponse: "Its drum lasts about 12,000 pages.",
  userId: "ada",
  userName: "Ada",
  agentId: "helper",
  participantId: "printer-tool",
  skipLayers: ["graph"],
  extractContent: () => Promise.resolve("Ada has a Brother HL-2030 printer"),
  generateEmbedding: () => Promise.resolve(embedding),
  extractFacts,
  autoEmbed: false,
  autoSummarize: false,
  importance: 70,
  tags: ["printer"],
  factDeduplication: "structural",
  observer: {
    onOrchestrationStart: () => {},
    onLayerUpdate: () => {},
    onOrchestrationComplete: () => {},
  },
  timestamp: 1_700_000_000_000,
  userMessageId: "msg-user",
  agentMessageId: "msg-agent",
};

const question: Required<RecallParams> = {
  memorySpaceId,
  tenantId,
  query: "Which printer?",
  embedding,
  userId: "ada",
  sources: { vector: true, facts: true, graph: false },
  graphExpansion: {
    enabled: false,
    maxDepth: 2,
    relationshipTypes: ["KNOWS"],
    expandFromFacts: false,
    expandFromMemories: false,
  },
  minImportance: 10,
  minConfidence: 10,
  tags: ["printer", "office"],
  createdAfter: new Date(0),
  createdBefore: new Date(later),
  limit: 5,
  includeConversation: true,
  formatForLLM: true,
  maxTokens: 500,
  citeBy: "number",
  explain: true,
};

const note = (memoryId: string): Required<StoreMemoryInput> => ({
  memoryId,
  content: "The spare key is under the third flower pot.",
  contentType: "raw",
  tenantId,
  participantId: "key-tool",
  embedding,
  userId: "ada",
  agentId: "helper",
  messageRole: "user",
  enrichedContent: "spare key, flower pot",
  factCategory: "home",
  source: {
    type: "conversation",
    userId: "ada",
    userName: "Ada",
    timestamp: 1000,
  },
  conversationRef: { conversationId: "conv-9", messageIds: ["msg-9"] },
  immutableRef: { type: "doc", id: "1", version: 1 },
  mutableRef: { namespace: "n", key: "k", snapshotValue: 1, snapshotAt: 1 },
  factsRef: { factId: "fact-1", version: 1 },
  metadata: { importance: 80, tags: ["home"], room: "garden" },
  extractFacts,
});

const updates: Required<MemoryUpdates> = {
  content: "The spare key is in the shed.",
  embedding,
  importance: 60,
  tags: ["home", "shed"],
};
const found: Required<SearchMemoriesOptions> = {
  embedding,
  hybrid: true,
  userId: "ada",
  tags: ["home"],
  sourceType: "conversation",
  minImportance: 10,
  limit: 5,
  minScore: 0,
  queryCategory: "home",
  tenantId,
};
const listed: Required<ListMemoriesFilter> = {
  memorySpaceId,
  tenantId,
  userId: "ada",
  participantId: "key-tool",
  sourceType: "conversation",
  limit: 10,
  enrichFacts: true,
};
const { limit: _, enrichFacts: __, ...counted } = listed;
const many = {
  memorySpaceId,
  tenantId,
  userId: "ada",
  sourceType: "conversation",
} as const;
const exported = {
  memorySpaceId,
  tenantId,
  userId: "ada",
  format: "json",
  includeEmbeddings: true,
} as const;

/** `memory` */
export async function callMemory({ memory }: Cortex): Promise<void> {
  const remembered = await memory.remember(exchange, {
    ...write(),
    extractFacts: true,
    extractContent: exchange.extractContent,
    generateEmbedding: exchange.generateEmbedding,
    autoEmbed: false,
    autoSummarize: false,
    beliefRevision: { enabled: true, slotMatching: true, llmResolution: false },
  });
  assertEquals([remembered.memories.length, remembered.facts.length], [2, 1]);
  const { items, context } = await memory.recall(question, controls);
  assertEquals([items.length > 0, typeof context], [true, "string"]);

  const { memory: stored } = await memory.store(
    memorySpaceId,
    note("mem-1"),
    write(),
  );
  const id = stored.memoryId;
  const enriched = { ...controls, includeConversation: true } as const;
  assertEquals(
    (await memory.get(memorySpaceId, id, enriched))?.memory.memoryId,
    id,
  );
  const hits = await memory.search(memorySpaceId, "spare key", {
    ...found,
    ...controls,
    enrichConversation: true,
  });
  assertEquals(hits[0]?.memory.memoryId, id);
  const updated = await memory.update(memorySpaceId, id, updates, {
    ...write(),
    reextractFacts: true,
    extractFacts,
  });
  assertEquals(updated.memory.version, 2);
  assertEquals((await memory.list(listed, controls)).length, 1);
  assertEquals(await memory.count(counted, controls), 1);
  const changes = { importance: 50, tags: ["home"] };
  assertEquals((await memory.updateMany(many, changes, writeJob())).updated, 3);
  const text = await memory.export({ ...exported, includeFacts: true }, job);
  assertEquals(text.count, 3);
  assertEquals(
    (await memory.archive(memorySpaceId, id, write())).archived,
    true,
  );
  const restored = await memory.restoreFromArchive(memorySpaceId, id, write());
  assertEquals(restored.restored, true);
  const first = await memory.getVersion(memorySpaceId, id, 1, controls);
  assertEquals(first?.content, note("mem-1").content);
  const history = await memory.getHistory(memorySpaceId, id, controls);
  assertEquals(history.at(-1)?.content, updates.content);
  const now = new Date();
  const latest = await memory.getAtTimestamp(memorySpaceId, id, now, controls);
  assertEquals(latest?.content, updates.content);

  const gone = await memory.delete(memorySpaceId, id, {
    ...writeJob(),
    cascadeDeleteFacts: true,
  });
  assertEquals(gone.deleted, true);
  const forgotten = await memory.forget(
    memorySpaceId,
    remembered.memories[0]!.memoryId,
    { ...writeJob(), deleteConversation: true, deleteEntireConversation: true },
  );
  assertEquals(forgotten.conversationDeleted, true);
  assertEquals((await memory.deleteMany(many, writeJob())).deleted, 1);
}

/** `vector` */
export async function callVector({ vector }: Cortex): Promise<void> {
  const { extractFacts: _, ...input } = note("mem-2");
  const { memoryId: id } = await vector.store(memorySpaceId, input, write());
  assertEquals((await vector.get(memorySpaceId, id, controls))?.version, 1);
  const [hit] = await vector.search(memorySpaceId, "key", {
    ...found,
    ...controls,
  });
  assertEquals(hit?.memoryId, id);
  assertEquals((await vector.list(listed, controls)).length, 1);
  assertEquals(await vector.count(counted, controls), 1);
  const updated = await vector.update(memorySpaceId, id, updates, write());
  assertEquals(updated.version, 2);
  const changes = { importance: 50, tags: ["home"] };
  assertEquals((await vector.updateMany(many, changes, writeJob())).updated, 1);
  assertEquals((await vector.export(exported, job)).count, 1);
  assertEquals(
    (await vector.archive(memorySpaceId, id, write())).archived,
    true,
  );
  const restored = await vector.restoreFromArchive(memorySpaceId, id, write());
  assertEquals(restored.memory.memoryId, id);
  const first = await vector.getVersion(memorySpaceId, id, 1, controls);
  assertEquals(first?.content, input.content);
  const history = await vector.getHistory(memorySpaceId, id, controls);
  assertEquals(history[0]?.version, 1);
  const now = Date.now();
  const latest = await vector.getAtTimestamp(memorySpaceId, id, now, controls);
  assertEquals(latest?.content, updates.content);
  const options = { ...writeJob(), cascadeDeleteFacts: true };
  const gone = await vector.delete(memorySpaceId, id, options);
  assertEquals(gone, { deleted: true, memoryId: id });
  assertEquals((await vector.deleteMany(many, writeJob())).deleted, 0);
}
