/** How many requests each method of the facade takes. */
import type { Cortex, CortexClient } from "../../../mod.ts";

/** What the calls name, made before the first of them. */
export interface Furniture {
  memories: string[];
  facts: string[];
  messages: string[];
  /** What is held on a user, as lines. */
  bundle: string;
}

/** A method, the requests that it takes, and a call of it. The calls build on each other, in their order. */
export type RoundTrips = readonly [
  method: string,
  requests: number,
  call: (cortex: Cortex<CortexClient>, made: Furniture) => Promise<unknown>,
];

const space = "space";
const named = { memorySpaceId: space };
const exchange = (at: number) => ({
  ...named,
  conversationId: `c-${at % 10}`,
  userId: "ada",
  userName: "Ada",
  agentId: "helper",
  userMessage: `The boiler was serviced ${at} times.`,
  agentResponse: `All ${at} services of the boiler went well so far.`,
});
const note = (content: string) => ({
  content,
  contentType: "raw" as const,
  source: { type: "system" as const },
  metadata: { importance: 50, tags: ["home"] },
});
const statement = (object: string) => ({
  fact: `The key hangs ${object}`,
  factType: "knowledge" as const,
  subject: "key",
  predicate: "hangs",
  object,
  confidence: 80,
});
const fact = (object: string) => ({
  ...named,
  ...statement(object),
  sourceType: "manual" as const,
});
const talk = (conversationId: string) => ({
  ...named,
  conversationId,
  type: "user-agent" as const,
  participants: { userId: "ada", agentId: "helper" },
});
const record = (id: string) => ({ type: "page", id, data: { title: id } });
const past = new Date(0);

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const line of lines) text += line;
  return text;
}

/** Stores what the calls name. */
export async function furnish(
  cortex: Cortex<CortexClient>,
): Promise<Furniture> {
  const made: Furniture = {
    memories: [],
    facts: [],
    messages: [],
    bundle: "",
  };
  for (let at = 0; at < 6; at++) {
    const { conversation } = await cortex.memory.remember(exchange(at));
    made.messages.push(...conversation.messageIds);
    const { memoryId } = await cortex.vector.store(space, note(`Key ${at}`));
    made.memories.push(memoryId);
    const { factId } = await cortex.facts.store(fact(`on hook ${at}`));
    made.facts.push(factId);
    await cortex.agents.register({ id: `agent-${at}`, name: `Agent ${at}` });
    await cortex.users.update(`user-${at}`, { displayName: `User ${at}` });
    await cortex.immutable.store(record(`page-${at}`));
    await cortex.mutable.set("shelf", `key-${at}`, at);
    await cortex.memorySpaces.register({
      memorySpaceId: `team-${at}`,
      type: "team",
    });
    await cortex.conversations.create(talk(`talk-${at}`));
  }
  made.bundle = await textOf(cortex.users.exportAll("user-1"));
  return made;
}

// deno-fmt-ignore
/** All methods with what they take on a small space. A job over many rows takes further requests, one a step. */
export const roundTrips: readonly RoundTrips[] = [
  ["memory.remember", 1, (c) => c.memory.remember(exchange(6))],
  ["memory.remember (100 at once)", 4, (c) => Promise.all(Array.from({ length: 100 }, (_, at) => c.memory.remember(exchange(at))))],
  ["memory.recall", 1, (c) => c.memory.recall({ ...named, query: "boiler services" })],
  ["memory.search", 1, (c) => c.memory.search(space, "boiler")],
  ["memory.store", 1, (c) => c.memory.store(space, note("Key 7"))],
  ["memory.get", 1, (c, { memories }) => c.memory.get(space, memories[0]!, { includeConversation: true })],
  ["memory.update", 1, (c, { memories }) => c.memory.update(space, memories[0]!, { importance: 60 })],
  ["memory.getVersion", 1, (c, { memories }) => c.memory.getVersion(space, memories[0]!, 1)],
  ["memory.getHistory", 1, (c, { memories }) => c.memory.getHistory(space, memories[0]!)],
  ["memory.getAtTimestamp", 1, (c, { memories }) => c.memory.getAtTimestamp(space, memories[0]!, past)],
  ["memory.list", 1, (c) => c.memory.list(named)],
  ["memory.count", 1, (c) => c.memory.count(named)],
  ["memory.export", 1, (c) => c.memory.export({ ...named, format: "json" })],
  ["memory.archive", 1, (c, { memories }) => c.memory.archive(space, memories[1]!)],
  ["memory.restoreFromArchive", 1, (c, { memories }) => c.memory.restoreFromArchive(space, memories[1]!)],
  ["memory.updateMany", 1, (c) => c.memory.updateMany({ ...named, sourceType: "system" }, { importance: 40 })],
  ["memory.delete", 1, (c, { memories }) => c.memory.delete(space, memories[2]!)],
  ["memory.forget", 1, (c, { memories }) => c.memory.forget(space, memories[3]!)],
  ["memory.deleteMany", 1, (c) => c.memory.deleteMany({ ...named, sourceType: "tool" })],
  ["vector.store", 1, (c) => c.vector.store(space, note("Key 8"))],
  ["vector.search", 1, (c) => c.vector.search(space, "key")],
  ["vector.get", 1, (c, { memories }) => c.vector.get(space, memories[0]!)],
  ["vector.update", 1, (c, { memories }) => c.vector.update(space, memories[0]!, { content: "Key 0 again" })],
  ["vector.getVersion", 1, (c, { memories }) => c.vector.getVersion(space, memories[0]!, 1)],
  ["vector.getHistory", 1, (c, { memories }) => c.vector.getHistory(space, memories[0]!)],
  ["vector.getAtTimestamp", 1, (c, { memories }) => c.vector.getAtTimestamp(space, memories[0]!, past)],
  ["vector.list", 1, (c) => c.vector.list(named)],
  ["vector.count", 1, (c) => c.vector.count(named)],
  ["vector.export", 1, (c) => c.vector.export({ ...named, format: "csv" })],
  ["vector.archive", 1, (c, { memories }) => c.vector.archive(space, memories[1]!)],
  ["vector.restoreFromArchive", 1, (c, { memories }) => c.vector.restoreFromArchive(space, memories[1]!)],
  ["vector.updateMany", 1, (c) => c.vector.updateMany({ ...named, sourceType: "system" }, { tags: ["hall"] })],
  ["vector.delete", 1, (c, { memories }) => c.vector.delete(space, memories[4]!)],
  ["vector.deleteMany", 1, (c) => c.vector.deleteMany({ ...named, sourceType: "tool" })],
  ["conversations.create", 1, (c) => c.conversations.create(talk("talk-6"))],
  ["conversations.getOrCreate", 1, (c) => c.conversations.getOrCreate(talk("talk-6"))],
  ["conversations.addMessage", 1, (c) => c.conversations.addMessage({ conversationId: "talk-6", message: { role: "user", content: "Hello" } })],
  ["conversations.get", 1, (c) => c.conversations.get("c-0")],
  ["conversations.list", 1, (c) => c.conversations.list(named)],
  ["conversations.count", 1, (c) => c.conversations.count(named)],
  ["conversations.getMessage", 1, (c, { messages }) => c.conversations.getMessage("c-0", messages[0]!)],
  ["conversations.getMessagesByIds", 1, (c, { messages }) => c.conversations.getMessagesByIds("c-0", messages)],
  ["conversations.findConversation", 1, (c) => c.conversations.findConversation({ ...named, type: "user-agent", userId: "ada" })],
  ["conversations.getHistory", 1, (c) => c.conversations.getHistory("c-0")],
  ["conversations.search", 1, (c) => c.conversations.search({ query: "boiler" })],
  ["conversations.export", 1, (c) => c.conversations.export({ format: "json", filters: named })],
  ["conversations.delete", 1, (c) => c.conversations.delete("talk-0")],
  ["conversations.deleteMany", 1, (c) => c.conversations.deleteMany({ memorySpaceId: "elsewhere" })],
  ["facts.store", 1, (c) => c.facts.store(fact("outside"))],
  ["facts.storeWithDedup", 1, (c) => c.facts.storeWithDedup(fact("outside"))],
  ["facts.revise", 1, (c) => c.facts.revise({ ...named, fact: statement("upstairs") })],
  ["facts.checkConflicts", 1, (c) => c.facts.checkConflicts({ ...named, fact: statement("downstairs") })],
  ["facts.get", 1, (c, { facts }) => c.facts.get(space, facts[0]!)],
  ["facts.list", 1, (c) => c.facts.list(named)],
  ["facts.count", 1, (c) => c.facts.count(named)],
  ["facts.search", 1, (c) => c.facts.search(space, "key")],
  ["facts.queryBySubject", 1, (c) => c.facts.queryBySubject({ ...named, subject: "key" })],
  ["facts.queryByRelationship", 1, (c) => c.facts.queryByRelationship({ ...named, subject: "key", predicate: "hangs" })],
  ["facts.update", 1, (c, { facts }) => c.facts.update(space, facts[0]!, { confidence: 70 })],
  ["facts.getHistory", 1, (c, { facts }) => c.facts.getHistory(space, facts[0]!)],
  ["facts.history", 1, (c, { facts }) => c.facts.history(facts[0]!)],
  ["facts.getChanges", 1, (c) => c.facts.getChanges(named)],
  ["facts.getSupersessionChain", 1, (c, { facts }) => c.facts.getSupersessionChain(facts[0]!)],
  ["facts.getActivitySummary", 1, (c) => c.facts.getActivitySummary(space)],
  ["facts.export", 1, (c) => c.facts.export({ ...named, format: "json" })],
  ["facts.supersede", 1, (c, { facts }) => c.facts.supersede({ ...named, oldFactId: facts[2]!, newFactId: facts[3]! })],
  ["facts.consolidate", 1, (c, { facts }) => c.facts.consolidate({ ...named, factIds: facts.slice(4), keepFactId: facts[4]! })],
  ["facts.delete", 1, (c, { facts }) => c.facts.delete(space, facts[1]!)],
  ["facts.deleteMany", 1, (c) => c.facts.deleteMany({ ...named, factType: "event" })],
  ["immutable.store", 1, (c) => c.immutable.store(record("page-0"))],
  ["immutable.get", 1, (c) => c.immutable.get("page", "page-0")],
  ["immutable.getVersion", 1, (c) => c.immutable.getVersion("page", "page-0", 1)],
  ["immutable.getHistory", 1, (c) => c.immutable.getHistory("page", "page-0")],
  ["immutable.getAtTimestamp", 1, (c) => c.immutable.getAtTimestamp("page", "page-0", past)],
  ["immutable.list", 1, (c) => c.immutable.list({ type: "page" })],
  ["immutable.count", 1, (c) => c.immutable.count({ type: "page" })],
  ["immutable.search", 1, (c) => c.immutable.search({ query: "page", type: "page" })],
  ["immutable.purgeVersions", 1, (c) => c.immutable.purgeVersions("page", "page-0", 1)],
  ["immutable.purge", 1, (c) => c.immutable.purge("page", "page-1")],
  ["immutable.purgeMany", 1, (c) => c.immutable.purgeMany({ type: "page" })],
  ["mutable.set", 1, (c) => c.mutable.set("shelf", "key-0", 1)],
  ["mutable.update", 2, (c) => c.mutable.update("shelf", "key-0", (value: unknown) => Number(value) + 1)],
  ["mutable.increment", 1, (c) => c.mutable.increment("shelf", "key-0")],
  ["mutable.decrement", 1, (c) => c.mutable.decrement("shelf", "key-0")],
  ["mutable.get", 1, (c) => c.mutable.get("shelf", "key-0")],
  ["mutable.getRecord", 1, (c) => c.mutable.getRecord("shelf", "key-0")],
  ["mutable.exists", 1, (c) => c.mutable.exists("shelf", "key-0")],
  ["mutable.list", 1, (c) => c.mutable.list({ namespace: "shelf" })],
  ["mutable.count", 1, (c) => c.mutable.count({ namespace: "shelf" })],
  ["mutable.transaction", 1, (c) => c.mutable.transaction([{ op: "set", namespace: "shelf", key: "a", value: 1 }, { op: "delete", namespace: "shelf", key: "key-1" }])],
  ["mutable.delete", 1, (c) => c.mutable.delete("shelf", "key-2")],
  ["mutable.purge", 1, (c) => c.mutable.purge("shelf", "key-3")],
  ["mutable.purgeMany", 1, (c) => c.mutable.purgeMany({ namespace: "shelf", keyPrefix: "key" })],
  ["mutable.purgeNamespace", 1, (c) => c.mutable.purgeNamespace("shelf")],
  ["memorySpaces.register", 1, (c) => c.memorySpaces.register({ memorySpaceId: "team-6", type: "team" })],
  ["memorySpaces.get", 1, (c) => c.memorySpaces.get("team-0")],
  ["memorySpaces.list", 1, (c) => c.memorySpaces.list()],
  ["memorySpaces.count", 1, (c) => c.memorySpaces.count()],
  ["memorySpaces.search", 1, (c) => c.memorySpaces.search("team")],
  ["memorySpaces.findByParticipant", 1, (c) => c.memorySpaces.findByParticipant("bot")],
  ["memorySpaces.getStats", 1, (c) => c.memorySpaces.getStats(space)],
  ["memorySpaces.update", 1, (c) => c.memorySpaces.update("team-0", { name: "Team" })],
  ["memorySpaces.addParticipant", 1, (c) => c.memorySpaces.addParticipant("team-0", { id: "bot", type: "agent", joinedAt: 1 })],
  ["memorySpaces.removeParticipant", 1, (c) => c.memorySpaces.removeParticipant("team-0", "bot")],
  ["memorySpaces.updateParticipants", 1, (c) => c.memorySpaces.updateParticipants("team-0", { add: [{ id: "bot", type: "agent", joinedAt: 1 }] })],
  ["memorySpaces.archive", 1, (c) => c.memorySpaces.archive("team-1")],
  ["memorySpaces.reactivate", 1, (c) => c.memorySpaces.reactivate("team-1")],
  ["memorySpaces.delete", 1, (c) => c.memorySpaces.delete("team-2", { cascade: true, reason: "unused" })],
  ["users.update", 1, (c) => c.users.update("user-0", { displayName: "Zero" })],
  ["users.merge", 1, (c) => c.users.merge("user-0", { city: "Oslo" })],
  ["users.getOrCreate", 1, (c) => c.users.getOrCreate("user-0")],
  ["users.get", 1, (c) => c.users.get("user-0")],
  ["users.exists", 1, (c) => c.users.exists("user-0")],
  ["users.list", 1, (c) => c.users.list()],
  ["users.search", 1, (c) => c.users.search({})],
  ["users.count", 1, (c) => c.users.count()],
  ["users.getVersion", 1, (c) => c.users.getVersion("user-0", 1)],
  ["users.getHistory", 1, (c) => c.users.getHistory("user-0")],
  ["users.getAtTimestamp", 1, (c) => c.users.getAtTimestamp("user-0", past)],
  ["users.export", 1, (c) => c.users.export({ format: "json" })],
  ["users.exportAll", 1, (c) => textOf(c.users.exportAll("user-1"))],
  ["users.importAll", 1, (c, { bundle }) => c.users.importAll(bundle)],
  ["users.updateMany", 1, (c) => c.users.updateMany(["user-1", "user-2"], { data: { city: "Oslo" } })],
  ["users.delete", 1, (c) => c.users.delete("user-3")],
  ["users.deleteMany", 1, (c) => c.users.deleteMany(["user-4", "user-5"])],
  ["agents.register", 1, (c) => c.agents.register({ id: "agent-6", name: "Agent 6" })],
  ["agents.get", 1, (c) => c.agents.get("agent-0")],
  ["agents.exists", 1, (c) => c.agents.exists("agent-0")],
  ["agents.list", 1, (c) => c.agents.list()],
  ["agents.search", 1, (c) => c.agents.search({ name: "Agent" })],
  ["agents.count", 1, (c) => c.agents.count()],
  ["agents.export", 1, (c) => c.agents.export({ format: "json" })],
  ["agents.update", 1, (c) => c.agents.update("agent-0", { description: "First" })],
  ["agents.configure", 1, (c) => c.agents.configure("agent-0", { tone: "calm" })],
  ["agents.updateMany", 2, (c) => c.agents.updateMany({ name: "Agent" }, { description: "One of them" })],
  ["agents.unregister", 1, (c) => c.agents.unregister("agent-1")],
  ["agents.unregisterMany", 2, (c) => c.agents.unregisterMany({ name: "Agent" })],
];
