/** Facts that are removed for good, together with their events. */
import { assert, assertEquals } from "@std/assert";
import { backendTest, fact, SPACE } from "./backend.ts";

backendTest(
  "facts:deleteMany takes all events of a fact with it, in steps, however many there are",
  async (backend) => {
    for (const id of ["fact-1", "fact-2"]) {
      await backend.mutation("facts:store", {
        ...fact(id),
        memorySpaceId: SPACE,
        sourceType: "manual",
      });
    }
    for (let at = 0; at < 1100; at++) {
      await backend.mutation("factHistory:logEvent", {
        memorySpaceId: SPACE,
        action: "UPDATE",
        factId: at % 2 === 0 ? "fact-1" : "fact-0",
        supersededBy: "fact-1",
        newValue: "what it says",
      });
    }
    let deleted = 0;
    let steps = 0;
    for (let cursor: string | undefined, done = false; !done; steps++) {
      assert(steps < 4, "it ends");
      const step = await backend.mutation<
        { deleted: number; done: boolean; cursor?: string }
      >("facts:deleteMany", {
        memorySpaceId: SPACE,
        ...(cursor !== undefined && { cursor }),
      });
      deleted += step.deleted;
      ({ done, cursor } = step);
    }
    assertEquals([deleted, steps], [2, 2]);
    assertEquals(await backend.rows("facts"), []);
    assertEquals(await backend.rows("factHistory"), []);
  },
);
