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

backendTest(
  "what is told of a fact, and removed with it, leaves out a fact of another space with its id",
  async (backend) => {
    const store = (memorySpaceId: string) =>
      backend.mutation("facts:store", {
        ...fact("fact-1"),
        memorySpaceId,
        sourceType: "manual",
        userId: memorySpaceId === "space-b" ? "ann" : "bob",
        idempotencyKey: memorySpaceId,
      });
    const told = [
      await store("space-a"),
      await store("space-b"),
      await store("space-c"),
    ];
    const spaces = async () =>
      (await backend.rows("factHistory")).map((row) => row.memorySpaceId);
    const { lines } = await backend.query<{ lines: string[] }>(
      "transfer:dump",
      { userId: "ann" },
    );
    assertEquals(
      lines.map((line) => JSON.parse(line).row.memorySpaceId),
      ["space-b", "space-b"],
    );
    await backend.mutation("facts:deleteMany", { memorySpaceId: "space-a" });
    assertEquals(await spaces(), ["space-b", "space-c"]);
    await backend.mutation("users:eraseUser", { userId: "ann" });
    assertEquals(await spaces(), ["space-c"]);
    assertEquals(await store("space-c"), told[2]);
  },
);
