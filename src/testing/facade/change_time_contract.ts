/** Times of changes that share a millisecond, as those of fast callers do. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../cortex/cortex.ts";
import { cortexCase, type FacadeSubject, note, record } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const now = 1_700_000_000_000;
const space = { memorySpaceId: "space" };

/** Cases of the times of changes. */
export const facadeChangeTimeContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "versions of one millisecond begin at different times, by which they are found",
    async (cortex) => {
      const { vector, immutable } = cortex;
      const { memoryId } = await run(cortex, "memories:store", MEMORY);
      for (const content of ["a", "b"]) {
        const change = { ...space, memoryId, content };
        await run(cortex, "memories:update", change);
      }
      const times = [now, now + 1, now + 2, now + 3];
      const memories = times.map((time) =>
        vector.getAtTimestamp(space.memorySpaceId, memoryId!, time)
      );
      assertEquals(
        (await Promise.all(memories)).map((then) => then?.version),
        [1, 2, 3, 3],
      );
      for (const eggs of [1, 2, 3]) {
        const record = { type: "recipe", id: "bread", data: { eggs } };
        await run(cortex, "immutable:store", record);
      }
      const records = times.map((time) =>
        immutable.getAtTimestamp("recipe", "bread", time)
      );
      assertEquals(
        (await Promise.all(records)).map((then) => then?.version),
        [1, 2, 3, 3],
      );
    },
  ),
  cortexCase(
    "a change is later than what it changes, even in the same millisecond",
    async (cortex) => {
      const { memoryId } = await run(cortex, "memories:store", MEMORY);
      const memory = { ...space, memoryId };
      await run(cortex, "memories:updateMany", { ...space, importance: 4 });
      await run(cortex, "memories:archive", memory);
      const restored = await run(cortex, "memories:restoreFromArchive", memory);
      assertEquals(restored.memory?.updatedAt, now + 3);
      const { factId } = await run(cortex, "facts:store", FACT);
      const changes = [
        await run(cortex, "facts:update", { ...space, factId, confidence: 60 }),
        ...await twice(cortex, "conversations:create", TALK, {
          name: "conversations:addMessage",
          args: {
            conversationId: TALK.conversationId,
            message: { id: "m", role: "user", content: "Hello" },
          },
        }),
        ...await twice(cortex, "mutable:set", VALUE),
        ...await twice(cortex, "users:update", { userId: "ada", data: {} }),
        ...await twice(cortex, "agents:register", AGENT, {
          name: "agents:update",
          args: AGENT,
        }),
        ...await twice(cortex, "memorySpaces:register", TEAM, {
          name: "memorySpaces:update",
          args: { memorySpaceId: "team", name: "Team" },
        }),
      ];
      assertEquals(
        changes.map(({ updatedAt }) => updatedAt),
        changes.map(() => now + 1),
      );
      // What many change at once stays near the clock.
      const third = await run(cortex, "mutable:set", VALUE);
      assertEquals(third.updatedAt, now + 1);
      // The clock is set back.
      const early = now - 60_000;
      const ada = { userId: "ada", data: {}, now: early };
      assertEquals((await run(cortex, "users:update", ada)).updatedAt, now + 2);
    },
  ),
  cortexCase(
    "a change has come into effect when it is answered, however fast the changes",
    async ({ immutable, memory, users, vector }) => {
      const { memoryId } = await vector.store("space", note());
      const seen: (number | undefined)[] = [];
      for (let n = 0; n < 8; n++) {
        await users.update("ada", { n });
        await users.merge("ada", { n: -n });
        seen.push((await users.getAtTimestamp("ada", new Date()))?.version);
        await immutable.store({ type: "t", id: "i", data: { n } });
        await immutable.store({ type: "t", id: "i", data: { n } });
        const then = await immutable.getAtTimestamp("t", "i", Date.now());
        seen.push(then?.version);
        const content = `Pot ${n}`;
        await vector.update("space", memoryId, { content });
        const { memory: last } = await memory.update("space", memoryId, {
          content,
        });
        const at = ["space", memoryId, Date.now()] as const;
        seen.push((await vector.getAtTimestamp(...at))!.version);
        assertEquals(seen.at(-1), last.version);
      }
      assertEquals(
        seen,
        Array.from({ length: 8 }, (_, n) => [2 * n + 2, 2 * n + 2, 2 * n + 3])
          .flat(),
      );
      const many = Array.from({ length: 30 }, (_, n) => ({ n }));
      await Promise.all(many.map((data) => users.update("eve", data)));
      const eve = await users.getAtTimestamp("eve", new Date());
      assertEquals(eve?.version, many.length);
    },
  ),
  {
    name: "no change waits for a clock that is far behind its own",
    async run() {
      const far = Date.now() + 60_000;
      const { cortex } = record({}, () => ({ version: 2, updatedAt: far }));
      assertEquals((await cortex.users.update("ada", {})).updatedAt, far);
    },
  },
];

const MEMORY = {
  ...space,
  content: "The pot is in the shed.",
  contentType: "raw",
  sourceType: "system",
  importance: 50,
  tags: [],
};
const FACT = {
  ...space,
  fact: "Ada drinks tea",
  factType: "preference",
  confidence: 50,
  sourceType: "manual",
  tags: [],
};
const TALK = {
  ...space,
  conversationId: "talk",
  type: "user-agent",
  participants: { userId: "ada", agentId: "bot" },
};
const VALUE = { namespace: "stock", key: "pens", value: 1 };
const AGENT = { agentId: "bot", name: "Bot" };
const TEAM = { memorySpaceId: "team", type: "team", participants: [] };

/** Fields of rows that the cases look at. */
interface Told {
  readonly memoryId?: string;
  readonly factId?: string;
  readonly updatedAt?: number;
  readonly memory?: { readonly updatedAt: number };
}

/** Calls a backend function as at `now`, or at the time given. */
async function run(
  cortex: Cortex,
  name: string,
  args: object,
): Promise<Told> {
  return await cortex.getClient().mutation(name, { now, ...args }) as Told;
}

/** Makes a row, and returns it as it is after a change. */
async function twice(
  cortex: Cortex,
  name: string,
  args: object,
  change = { name, args },
): Promise<Told[]> {
  await run(cortex, name, args);
  return [await run(cortex, change.name, change.args)];
}
