/**
 * Bulk jobs with a key whose client loses its connection anywhere, and that are repeated while others change the rows.
 */
import { assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { openBackend } from "../convex/backend.ts";
import { overSeeds } from "../support/test_env.ts";

type Args = Record<string, unknown>;
type Call = (name: string, args: Args) => Promise<unknown>;

/** A client that is cut off after a number of mutations, before the next one is done or before its answer is here. */
class CutOff {
  mutationsLeft = Infinity;
  losesAnswer = false;
  readonly query: Call;
  readonly action: Call;
  readonly #mutation: Call;

  constructor(query: Call, mutation: Call) {
    this.query = query;
    this.action = mutation;
    this.#mutation = mutation;
  }

  async mutation(name: string, args: Args): Promise<unknown> {
    if (this.mutationsLeft-- > 0) return await this.#mutation(name, args);
    if (this.mutationsLeft === -1 && this.losesAnswer) {
      await this.#mutation(name, args);
    }
    throw new Error("cut off");
  }
}

/** A kind of rows, and the job that is tried on them. */
interface Tried {
  ids(filters?: Args): Promise<string[]>;
  make(id: string): Promise<unknown>;
  change(id: string): Promise<unknown>;
  delete(id: string): Promise<unknown>;
  job(filters: Args, idempotencyKey: string): Promise<unknown>;
  sorts: readonly string[];
}

function usersOf({ users, conversations }: Cortex, random: Random): Tried {
  const { below, pick } = random;
  const cascade = below(3) > 0;
  return {
    ids: async (filters) =>
      (await users.list({ limit: 1000, ...filters })).users.map(({ id }) => id),
    async make(id) {
      await users.update(id, { displayName: pick(["team", "a team"]) });
      for (let left = below(3); left > 0; left--) {
        await conversations.create({
          memorySpaceId: "s",
          type: "user-agent",
          participants: { userId: id, agentId: "helper" },
        });
      }
    },
    change: (id) => users.update(id, { n: below(9) }),
    delete: (id) => users.delete(id),
    job: (filters, idempotencyKey) =>
      users.deleteMany({ displayName: "team", ...filters }, {
        cascade,
        idempotencyKey,
      }),
    sorts: ["createdAt", "updatedAt"],
  };
}

function agentsOf({ agents }: Cortex, random: Random): Tried {
  const { below, pick } = random;
  const cascade = below(3) > 0;
  return {
    ids: async (filters) =>
      (await agents.list({ limit: 1000, ...filters })).map(({ id }) => id),
    make: (id) => agents.register({ id, name: pick(["team", "a team", "z"]) }),
    change: (id) => agents.update(id, { name: pick(["team", "a team"]) }),
    delete: (id) => agents.unregister(id),
    job: (filters, idempotencyKey) =>
      agents.unregisterMany(filters, { cascade, idempotencyKey }),
    sorts: ["registeredAt", "name"],
  };
}

Deno.test("a bulk job that is cut off and repeated with its key deletes the users that it chose first, and no others", async () => {
  await overSeeds(100, async (seed) => {
    const random = seededRandom(seed);
    const { below, pick } = random;
    const clock = { now: 1_700_000_000_000 };
    const { engine } = openBackend({ now: () => clock.now });
    const client = new CutOff(
      (name, args) => engine.query(name, args as never),
      (name, args) => engine.mutation(name, args as never),
    );
    const cortex = new Cortex({ client, logger: silent } as never);
    try {
      const tried = pick([usersOf, agentsOf])(cortex, random);
      const ids = Array.from({ length: 12 }, (_, at) => `z${at}`);
      for (const id of ids) {
        clock.now += below(2);
        await tried.make(id);
      }
      for (let left = 5; left > 0; left--) {
        clock.now += below(2);
        await tried.change(pick(ids));
      }
      const filters = {
        ...below(2) === 0 && { limit: 1 + below(6) },
        ...below(2) === 0 && { offset: below(5) },
        sortBy: pick(tried.sorts),
        sortOrder: pick(["asc", "desc"]),
      };
      const chosen = await tried.ids(filters);
      const staying = new Set(ids.filter((id) => !chosen.includes(id)));
      for (let time = 0; time < 3; time++) {
        // The first mutation keeps who is chosen.
        client.mutationsLeft = below(8) + (time === 0 ? 1 : 0);
        client.losesAnswer = below(2) === 0;
        await tried.job(filters, "key").catch(() => {});
        client.mutationsLeft = Infinity;
        clock.now++;
        const there = await tried.ids();
        if (there.length > 0) await tried.change(pick(there));
        const gone = chosen.filter((id) => !there.includes(id));
        if (gone.length > 0 && below(2) === 0) {
          // A user who comes back after that is another user.
          const id = pick(gone);
          await tried.make(id);
          staying.add(id);
        }
        const others = there.filter((id) => !chosen.includes(id));
        if (others.length > 0 && below(2) === 0) {
          const id = pick(others);
          await tried.delete(id);
          staying.delete(id);
        }
        await tried.make(`new ${time}`);
        staying.add(`new ${time}`);
      }
      await tried.job(filters, "key");
      assertEquals(
        (await tried.ids()).sort(),
        [...staying].sort(),
        JSON.stringify({ filters, chosen }),
      );
    } finally {
      await engine.close();
    }
  });
});
