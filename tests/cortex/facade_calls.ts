/** A call of every method of the facade, about the rows of `facade_seed.ts`. */
import type { Cortex } from "../../src/cortex/cortex.ts";
import type { WriteControls } from "../../src/cortex/types/common.ts";
import {
  about,
  adas,
  bob,
  bundle,
  note,
  type Seeded,
  SPACE,
  talk,
  tea,
} from "./facade_seed.ts";

type Ours = Cortex<never>;
type Call = (cortex: Ours, controls?: WriteControls) => unknown;

/** A method: how it is called, and whether it writes. */
export interface MethodCall {
  call: Call;
  writes: boolean;
}

const reads = (call: Call): MethodCall => ({ call, writes: false });
const writes = (call: Call): MethodCall => ({ call, writes: true });

/** The rows of an export. */
async function rowsOf(lines: AsyncIterable<string>): Promise<string[]> {
  const rows: string[] = [];
  for await (const line of lines) {
    if (line.startsWith('{"table"')) rows.push(line);
  }
  return rows;
}

const memories = {
  archive: writes((c, o) => c.vector.archive(SPACE, "m-1", o)),
  count: reads((c) => c.vector.count(about)),
  delete: writes((c, o) => c.vector.delete(SPACE, "m-1", o)),
  deleteMany: writes((c, o) => c.vector.deleteMany(adas, o)),
  export: reads((c) => c.vector.export({ ...about, format: "json" })),
  get: reads((c) => c.vector.get(SPACE, "m-1")),
  getAtTimestamp: reads((c) =>
    c.vector.getAtTimestamp(SPACE, "m-1", Date.now())
  ),
  getHistory: reads((c) => c.vector.getHistory(SPACE, "m-1")),
  getVersion: reads((c) => c.vector.getVersion(SPACE, "m-1", 1)),
  list: reads((c) => c.vector.list(about)),
  restoreFromArchive: writes((c, o) =>
    c.vector.restoreFromArchive(SPACE, "m-2", o)
  ),
  search: reads((c) => c.vector.search(SPACE, "spare key")),
  store: writes((c, o) => c.vector.store(SPACE, note("m-1"), o)),
  update: writes((c, o) =>
    c.vector.update(SPACE, "m-1", { importance: 60 }, o)
  ),
  updateMany: writes((c, o) =>
    c.vector.updateMany(adas, { importance: 60 }, o)
  ),
};

/** The same of `memory`, whose methods take the same. */
const ofMemory = Object.fromEntries(
  Object.entries(memories).map(([name, { call, writes }]) => [name, {
    writes,
    call: (cortex: Ours, controls?: WriteControls) =>
      call({ vector: cortex.memory } as unknown as Ours, controls),
  }]),
);

/** A call of every method of every module. */
export function methodCalls(
  { first, second }: Seeded,
): Record<string, Record<string, MethodCall>> {
  return {
    memory: {
      ...ofMemory,
      forget: writes((c, o) =>
        c.memory.forget(SPACE, "m-1", { ...o, deleteConversation: true })
      ),
      recall: reads((c) => c.memory.recall({ ...about, query: "printer" })),
      remember: writes((c, o) => c.memory.remember(talk, o)),
    },
    vector: memories,
    conversations: {
      addMessage: writes((c, o) =>
        c.conversations.addMessage({
          conversationId: "conv-1",
          message: { role: "user", content: "And its toner?" },
        }, o)
      ),
      count: reads((c) => c.conversations.count({ userId: "ada" })),
      create: writes((c, o) =>
        c.conversations.create({
          ...about,
          conversationId: "conv-1",
          type: "user-agent",
          participants: { userId: "ada", agentId: "helper" },
        }, o)
      ),
      delete: writes((c, o) => c.conversations.delete("conv-1", o)),
      deleteMany: writes((c, o) =>
        c.conversations.deleteMany({ userId: "ada" }, o)
      ),
      export: reads((c) => c.conversations.export({ format: "json" })),
      findConversation: reads((c) =>
        c.conversations.findConversation({
          ...about,
          type: "user-agent",
          userId: "ada",
        })
      ),
      get: reads((c) => c.conversations.get("conv-1")),
      getHistory: reads((c) => c.conversations.getHistory("conv-1")),
      getMessage: reads((c) => c.conversations.getMessage("conv-1", "u-1")),
      getMessagesByIds: reads((c) =>
        c.conversations.getMessagesByIds("conv-1", ["u-1"])
      ),
      getOrCreate: writes((c, o) =>
        c.conversations.getOrCreate({
          ...about,
          type: "user-agent",
          participants: { userId: "ada", agentId: "helper" },
        }, o)
      ),
      list: reads((c) => c.conversations.list({ userId: "ada" })),
      search: reads((c) => c.conversations.search({ query: "printer" })),
    },
    facts: {
      checkConflicts: reads((c) =>
        c.facts.checkConflicts({ ...about, userId: "ada", fact: tea })
      ),
      consolidate: writes((c, o) =>
        c.facts.consolidate({
          ...about,
          factIds: [first, second],
          keepFactId: first,
        }, o)
      ),
      count: reads((c) => c.facts.count(about)),
      delete: writes((c, o) => c.facts.delete(SPACE, first, o)),
      deleteMany: writes((c, o) => c.facts.deleteMany(about, o)),
      export: reads((c) => c.facts.export({ ...about, format: "json" })),
      get: reads((c) => c.facts.get(SPACE, first)),
      getActivitySummary: reads((c) => c.facts.getActivitySummary(SPACE)),
      getChanges: reads((c) => c.facts.getChanges(about)),
      getHistory: reads((c) => c.facts.getHistory(SPACE, second)),
      getSupersessionChain: reads((c) => c.facts.getSupersessionChain(second)),
      history: reads((c) => c.facts.history(first)),
      list: reads((c) => c.facts.list(about)),
      queryByRelationship: reads((c) =>
        c.facts.queryByRelationship({
          ...about,
          subject: "ada",
          predicate: "likes",
        })
      ),
      queryBySubject: reads((c) =>
        c.facts.queryBySubject({ ...about, subject: "ada" })
      ),
      revise: writes((c, o) =>
        c.facts.revise({
          ...about,
          userId: "ada",
          fact: { ...tea, object: "milk" },
        }, o)
      ),
      search: reads((c) => c.facts.search(SPACE, "tea")),
      store: writes((c, o) => c.facts.store(tea, o)),
      storeWithDedup: writes((c, o) =>
        c.facts.storeWithDedup(tea, { ...o, deduplication: "exact" })
      ),
      supersede: writes((c, o) =>
        c.facts.supersede({ ...about, oldFactId: first, newFactId: second }, o)
      ),
      update: writes((c, o) =>
        c.facts.update(SPACE, first, { confidence: 90 }, o)
      ),
    },
    immutable: {
      count: reads((c) => c.immutable.count({ type: "doc" })),
      get: reads((c) => c.immutable.get("doc", "doc-1")),
      getAtTimestamp: reads((c) =>
        c.immutable.getAtTimestamp("doc", "doc-1", Date.now())
      ),
      getHistory: reads((c) => c.immutable.getHistory("doc", "doc-1")),
      getVersion: reads((c) => c.immutable.getVersion("doc", "doc-1", 1)),
      list: reads((c) => c.immutable.list({ userId: "ada" })),
      purge: writes((c, o) => c.immutable.purge("doc", "doc-1", o)),
      purgeMany: writes((c, o) => c.immutable.purgeMany({ type: "doc" }, o)),
      purgeVersions: writes((c, o) =>
        c.immutable.purgeVersions("doc", "doc-1", 1, o)
      ),
      search: reads((c) => c.immutable.search({ query: "blue" })),
      store: writes((c, o) =>
        c.immutable.store({
          type: "doc",
          id: "doc-1",
          data: { color: "green" },
        }, o)
      ),
    },
    mutable: {
      count: reads((c) => c.mutable.count({ namespace: "cart" })),
      decrement: writes((c, o) => c.mutable.decrement("cart", "k1", 1, o)),
      delete: writes((c, o) => c.mutable.delete("cart", "k1", o)),
      exists: reads((c) => c.mutable.exists("cart", "k1")),
      get: reads((c) => c.mutable.get("cart", "k1")),
      getRecord: reads((c) => c.mutable.getRecord("cart", "k1")),
      increment: writes((c, o) => c.mutable.increment("cart", "k1", 1, o)),
      list: reads((c) => c.mutable.list({ namespace: "cart" })),
      purge: writes((c, o) => c.mutable.purge("cart", "k1", o)),
      purgeMany: writes((c, o) =>
        c.mutable.purgeMany({ namespace: "cart" }, o)
      ),
      purgeNamespace: writes((c, o) => c.mutable.purgeNamespace("cart", o)),
      set: writes((c, o) =>
        c.mutable.set("cart", "k1", 2, "ada", undefined, o)
      ),
      transaction: writes((c, o) =>
        c.mutable.transaction([{
          op: "increment",
          namespace: "cart",
          key: "k1",
        }], o)
      ),
      update: writes((c, o) =>
        c.mutable.update("cart", "k1", (n: number) => n + 1, o)
      ),
    },
    memorySpaces: {
      addParticipant: writes((c, o) =>
        c.memorySpaces.addParticipant(SPACE, bob, o)
      ),
      archive: writes((c, o) => c.memorySpaces.archive(SPACE, o)),
      count: reads((c) => c.memorySpaces.count()),
      delete: writes((c, o) =>
        c.memorySpaces.delete(SPACE, {
          ...o,
          cascade: true,
          reason: "The team is gone",
        })
      ),
      findByParticipant: reads((c) => c.memorySpaces.findByParticipant("ada")),
      get: reads((c) => c.memorySpaces.get(SPACE)),
      getStats: reads((c) => c.memorySpaces.getStats(SPACE)),
      list: reads((c) => c.memorySpaces.list()),
      reactivate: writes((c, o) => c.memorySpaces.reactivate(SPACE, o)),
      register: writes((c, o) =>
        c.memorySpaces.register({ ...about, type: "team" }, o)
      ),
      removeParticipant: writes((c, o) =>
        c.memorySpaces.removeParticipant(SPACE, "ada", o)
      ),
      search: reads((c) => c.memorySpaces.search("space")),
      update: writes((c, o) =>
        c.memorySpaces.update(SPACE, { name: "Space two" }, o)
      ),
      updateParticipants: writes((c, o) =>
        c.memorySpaces.updateParticipants(SPACE, { add: [bob] }, o)
      ),
    },
    users: {
      count: reads((c) => c.users.count()),
      delete: writes((c, o) => c.users.delete("ada", { ...o, cascade: true })),
      deleteMany: writes((c, o) => c.users.deleteMany(["ada"], o)),
      exists: reads((c) => c.users.exists("ada")),
      exportAll: reads((c) => rowsOf(c.users.exportAll("ada"))),
      importAll: writes((c, o) => c.users.importAll(bundle, o)),
      export: reads((c) =>
        c.users.export({
          format: "json",
          includeVersionHistory: true,
          includeConversations: true,
          includeMemories: true,
        })
      ),
      get: reads((c) => c.users.get("ada")),
      getAtTimestamp: reads((c) => c.users.getAtTimestamp("ada", new Date())),
      getHistory: reads((c) => c.users.getHistory("ada")),
      getOrCreate: writes((c, o) =>
        c.users.getOrCreate("ada", { color: "green" }, o)
      ),
      getVersion: reads((c) => c.users.getVersion("ada", 1)),
      list: reads((c) => c.users.list()),
      merge: writes((c, o) => c.users.merge("ada", { color: "green" }, o)),
      search: reads((c) => c.users.search({ displayName: "ada" })),
      update: writes((c, o) => c.users.update("ada", { color: "green" }, o)),
      updateMany: writes((c, o) =>
        c.users.updateMany(
          { displayName: "ada" },
          { data: { color: "green" } },
          o,
        )
      ),
    },
    agents: {
      configure: writes((c, o) =>
        c.agents.configure("helper", { model: "m" }, o)
      ),
      count: reads((c) => c.agents.count()),
      exists: reads((c) => c.agents.exists("helper")),
      export: reads((c) =>
        c.agents.export({ format: "json", includeStats: true })
      ),
      get: reads((c) => c.agents.get("helper")),
      list: reads((c) => c.agents.list()),
      register: writes((c, o) =>
        c.agents.register({ id: "helper", name: "Helper" }, o)
      ),
      search: reads((c) => c.agents.search({ name: "help" })),
      unregister: writes((c, o) =>
        c.agents.unregister("helper", { ...o, cascade: true })
      ),
      unregisterMany: writes((c, o) =>
        c.agents.unregisterMany({ name: "help" }, o)
      ),
      update: writes((c, o) => c.agents.update("helper", { name: "Help" }, o)),
      updateMany: writes((c, o) =>
        c.agents.updateMany({ name: "help" }, { status: "archived" }, o)
      ),
    },
  };
}
