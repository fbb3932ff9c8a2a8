/**
 * Lists of several steps by what changes: rows that are written to between two steps are given once, and counted once.
 */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { openBackend } from "./backend.ts";

/** Of which some twelve are more than one step takes. */
const LARGE = "x".repeat(650_000);
const ROWS = 30;

/** One kind of rows. */
interface Kind {
  make(cortex: Cortex, id: string): Promise<unknown>;
  /** Moves a row in the order. */
  write(cortex: Cortex, id: string): Promise<unknown>;
  list(
    cortex: Cortex,
    order: "asc" | "desc",
  ): Promise<{ ids: string[]; total?: number }>;
}

const metadata = { large: LARGE };

const KINDS: Record<string, Kind> = {
  "values by updatedAt": {
    make: ({ mutable }, id) => mutable.set("n", id, LARGE),
    write: ({ mutable }, id) => mutable.set("n", id, LARGE),
    async list({ mutable }, sortOrder) {
      const found = await mutable.list({
        namespace: "n",
        sortBy: "updatedAt",
        sortOrder,
      });
      return { ids: found.map(({ key }) => key) };
    },
  },
  "users by updatedAt": {
    make: ({ users }, id) =>
      users.update(id, { displayName: "A", ...metadata }),
    write: ({ users }, id) => users.update(id, { changed: Math.random() }),
    async list({ users }, sortOrder) {
      const found = await users.list({
        displayName: "a",
        sortBy: "updatedAt",
        sortOrder,
      });
      return { ids: found.users.map(({ id }) => id), total: found.total };
    },
  },
  "agents by name": {
    make: ({ agents }, id) => agents.register({ id, name: id, metadata }),
    write: ({ agents }, id) =>
      agents.update(id, { name: id === "r-0" ? "z" : "a" }),
    async list({ agents }, sortOrder) {
      const { data } = await agents.export({
        format: "json",
        filters: { sortBy: "name", sortOrder },
      });
      return { ids: JSON.parse(data).map(({ id }: { id: string }) => id) };
    },
  },
  "spaces by updatedAt": {
    make: ({ memorySpaces }, memorySpaceId) =>
      memorySpaces.register({ memorySpaceId, type: "team", metadata }),
    write: ({ memorySpaces }, id) => memorySpaces.update(id, { name: "A" }),
    async list({ memorySpaces }, sortOrder) {
      const found = await memorySpaces.list({ sortBy: "updatedAt", sortOrder });
      return {
        ids: found.spaces.map(({ memorySpaceId }) => memorySpaceId),
        total: found.total,
      };
    },
  },
  "conversations by updatedAt": {
    make: ({ conversations }, conversationId) =>
      conversations.create({
        conversationId,
        memorySpaceId: "one",
        type: "user-agent",
        participants: { userId: "ada", agentId: "bot" },
        metadata,
      }),
    write: ({ conversations }, conversationId) =>
      conversations.addMessage({
        conversationId,
        message: { role: "user", content: "Hello?" },
      }),
    async list({ conversations }, sortOrder) {
      const found = await conversations.list({
        sortBy: "updatedAt",
        sortOrder,
      });
      return {
        ids: found.conversations.map(({ conversationId }) => conversationId),
        total: found.total,
      };
    },
  },
};

for (const [name, kind] of Object.entries(KINDS)) {
  Deno.test(`a list of ${name} in steps gives each row once, whatever is written meanwhile`, async () => {
    for (const order of ["asc", "desc"] as const) {
      const { engine } = openBackend();
      let now = Date.UTC(2024, 5, 1);
      let meanwhile = async () => {};
      const timed = (args: object) => ({ ...args, now: ++now });
      const client = {
        mutation: (name: string, args: object) =>
          engine.mutation(name, timed(args)),
        action: (name: string, args: object) =>
          engine.action(name, timed(args)),
        async query(name: string, args: { cursor?: string }) {
          if (args.cursor !== undefined) await meanwhile();
          return await engine.query(name, timed(args));
        },
      };
      const cortex = new Cortex({ client: client as never, logger: silent });
      const ids = Array.from({ length: ROWS }, (_, at) => `r-${at}`);
      for (const id of ids) await kind.make(cortex as never, id);
      let steps = 0;
      meanwhile = async () => {
        if (steps++ > 0) return;
        // One that was given, and one that was not yet, in either order.
        for (const at of [0, ROWS - 1]) {
          await kind.write(cortex as never, `r-${at}`);
        }
      };
      const found = await kind.list(cortex as never, order);
      assert(steps > 0, "it takes more than one step");
      assertEquals(found.ids.toSorted(), ids.toSorted(), order);
      assertEquals(found.total ?? ROWS, ROWS, order);
      await engine.close();
    }
  });
}

Deno.test("facts that are alike in the order of a list in steps come in that of their creation", async () => {
  const { engine } = openBackend();
  const now = Date.UTC(2024, 5, 1);
  let steps = 0;
  const client = {
    mutation: (name: string, args: object) =>
      engine.mutation(name, { ...args, now }),
    query(name: string, args: object) {
      steps++;
      return engine.query(name, { ...args, now });
    },
    action: engine.action,
  };
  const cortex = new Cortex({ client: client as never, logger: silent });
  const memorySpaceId = "one";
  const ids: string[] = [];
  for (let at = 0; at < ROWS; at++) {
    const { factId } = await cortex.facts.store({
      memorySpaceId,
      fact: `${at} ${LARGE}`,
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
    });
    ids.push(factId);
  }
  for (const sortOrder of ["asc", "desc"] as const) {
    steps = 0;
    const found = await cortex.facts.list({
      memorySpaceId,
      sortBy: "confidence",
      sortOrder,
    });
    assert(steps > 1, "it takes more than one step");
    const wanted = sortOrder === "asc" ? ids : ids.toReversed();
    assertEquals(found.map(({ factId }) => factId), wanted);
  }
  await engine.close();
});
