/** What the compiler makes of the facade: the cases are checked by it, and never run. */
import { assertEquals } from "@std/assert";
import type {
  Cortex,
  EnrichedMemory,
  EnrichedSearchResult,
  MemoryEntry,
} from "../../mod.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Lists that a program holds as constants. */
const IDS = ["a", "b"] as const;

/** Every list that is only read may be a constant. */
async function takesConstants(cortex: Cortex): Promise<void> {
  const [memorySpaceId] = IDS;
  const said = {
    conversationId: "c",
    userMessage: "m",
    agentResponse: "r",
    agentId: "a",
  };
  const skipLayers = ["graph", "facts"] as const;
  await cortex.memory.remember({ ...said, tags: IDS, skipLayers });
  const query = "q";
  await cortex.memory.recall({ memorySpaceId, query, tags: IDS });
  await cortex.memory.search(memorySpaceId, query, { tags: IDS });
  await cortex.conversations.getMessagesByIds("c", IDS);
  await cortex.conversations.findConversation({
    memorySpaceId,
    type: "agent-agent",
    memorySpaceIds: IDS,
  });
  const filters = { conversationIds: IDS };
  await cortex.conversations.export({ format: "json", filters });
  await cortex.facts.consolidate({
    memorySpaceId,
    factIds: IDS,
    keepFactId: "a",
  });
  await cortex.facts.list({ memorySpaceId, tags: IDS });
  cortex.facts.configureBeliefRevision(undefined, {
    slotMatching: { predicateClasses: { pets: IDS } },
  });
  await cortex.users.updateMany(IDS, { data: {} });
  await cortex.users.deleteMany(IDS);
  await cortex.agents.list({ capabilities: IDS });
  await cortex.memorySpaces.updateParticipants(memorySpaceId, { remove: IDS });
}

/** What a call gives depends on what it asks for. */
async function givesWhatIsAsked({ memory }: Cortex): Promise<true[]> {
  const plain = await memory.get("s", "m");
  const whole = await memory.get("s", "m", { includeConversation: true });
  const found = await memory.search("s", "q");
  const rich = await memory.search("s", "q", { enrichConversation: true });
  const { context } = await memory.recall({ memorySpaceId: "s", query: "q" });
  const same: [
    Same<typeof plain, MemoryEntry | null>,
    Same<typeof whole, EnrichedMemory | null>,
    Same<typeof found, MemoryEntry[]>,
    Same<typeof rich, EnrichedSearchResult[]>,
    Same<typeof context, string>,
  ] = [true, true, true, true, true];
  return same;
}

Deno.test("lists that are constants, and results by what was asked for, compile", () => {
  assertEquals([takesConstants.length, givesWhatIsAsked.length], [1, 1]);
});
