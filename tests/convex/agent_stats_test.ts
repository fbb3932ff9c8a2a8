import { assertEquals } from "@std/assert";
import { backendTest, SPACE } from "./backend.ts";

backendTest(
  "an agent's rows count once towards the 10,000 that are counted exactly, however many of their fields name it",
  async (backend) => {
    const agentId = "helper";
    const named = { memorySpaceId: SPACE, participantId: agentId };
    for (let at = 0; at < 2; at++) {
      await backend.mutation("memories:store", {
        ...named,
        agentId,
        content: `memory ${at}`,
        contentType: "raw",
        sourceType: "system",
        sourceTimestamp: 1,
        importance: 50,
        tags: [],
      });
    }
    const counted = async (rows: number) => {
      const { totalMemories, isApproximate } = await backend.query<
        { totalMemories: number; isApproximate?: boolean }
      >("agents:computeStats", {
        agentId,
        cursor: JSON.stringify({
          kind: 0,
          rows,
          totalMemories: rows,
          totalConversations: 0,
          totalFacts: 0,
          spaces: [],
          isApproximate: false,
        }),
      });
      return { totalMemories, isApproximate };
    };
    assertEquals(await counted(9998), {
      totalMemories: 10_000,
      isApproximate: undefined,
    });
    assertEquals(await counted(9999), {
      totalMemories: 10_000,
      isApproximate: true,
    });
  },
);
