/** Users, records, values, agents, spaces and conversations at random, against a naive model of what the docs say. */
import { Cortex } from "../../mod.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { openBackend } from "../convex/backend.ts";
import { overSeeds } from "../support/test_env.ts";
import { changeAgents, lookAtAgents } from "./identity/agents.ts";
import { changeRecords, lookAtRecords } from "./identity/records.ts";
import { changeSpaces, lookAtSpaces } from "./identity/spaces.ts";
import { lookAtTalks } from "./identity/talk_looks.ts";
import { changeTalks } from "./identity/talks.ts";
import { changeUsers, lookAtUsers } from "./identity/users.ts";
import { changeValues, lookAtValues } from "./identity/values.ts";
import { World } from "./identity/world.ts";

const CHANGES = [
  changeUsers,
  changeUsers,
  changeRecords,
  changeValues,
  changeAgents,
  changeSpaces,
  changeTalks,
  changeTalks,
];
const LOOKS = [
  lookAtUsers,
  lookAtRecords,
  lookAtValues,
  lookAtAgents,
  lookAtSpaces,
  lookAtTalks,
];

const STEPS = 300;

Deno.test("users, agents, spaces, conversations and records are as a naive model has them", async () => {
  await overSeeds(20, async (seed) => {
    const random = seededRandom(seed);
    const clock = { now: 1_700_000_000_000 };
    const { engine } = openBackend({ now: () => clock.now });
    const client = {
      query: (name: string, args: Record<string, unknown>) =>
        engine.query(name, args as never),
      mutation: (name: string, args: Record<string, unknown>) =>
        engine.mutation(name, args as never),
      action: (name: string, args: Record<string, unknown>) =>
        engine.action(name, args as never),
    };
    try {
      const worlds = [undefined, "acme"].map((tenantId) =>
        new World(
          new Cortex({
            client,
            logger: silent,
            ...tenantId !== undefined && { auth: { userId: "me", tenantId } },
          } as never),
          random,
          clock,
          tenantId,
        )
      );
      for (let step = 0; step < STEPS; step++) {
        clock.now += random.pick([0, 0, 1, 2]);
        await random.pick(CHANGES)(random.pick(worlds));
        await random.pick(LOOKS)(random.pick(worlds));
      }
    } finally {
      await engine.close();
    }
  });
});
