/** Agents at random. */
import { assertEquals } from "@std/assert";
import * as expected from "./expected.ts";
import type { AgentFilters } from "../../../mod.ts";
import { defined } from "./rows.ts";
import { agent, still, withoutGaps } from "./told.ts";
import { AGENTS, type Row, STATUSES, TEXTS, type World } from "./world.ts";

type Updates = ReturnType<typeof someUpdates>;

function someUpdates(world: World) {
  const { pick } = world.random;
  return defined({
    name: world.maybe(() => pick(TEXTS)),
    description: world.maybe(() => pick(TEXTS)),
    metadata: world.maybe(() => world.metadata()),
    config: world.maybe(() => world.data()),
    status: pick([undefined, ...STATUSES]),
  });
}

/** Changes of the agent with an id, or of several. */
const CHANGES = [
  updateAgent,
  unregisterAgent,
  changeMany,
  registerAgent,
  registerAgent,
  registerAgent,
];

export async function changeAgents(world: World): Promise<void> {
  const { pick } = world.random;
  const id = pick(AGENTS);
  const updates = someUpdates(world);
  await pick(CHANGES)(world, id, updates);
}

async function updateAgent(
  world: World,
  id: string,
  updates: Updates,
): Promise<void> {
  const { cortex: { agents }, model } = world;
  if (Object.keys(updates).length === 0) return;
  await world.same(
    "agents.update",
    async () => still(await agents.update(id, updates)),
    () =>
      agent(
        world,
        model.changeAgent(model.agent(id), withoutGaps(updates)),
      ),
  );
}

async function unregisterAgent(world: World, id: string): Promise<void> {
  const { agents } = world.cortex;
  const dryRun = world.once(3);
  const cascade = world.once(2);
  await world.same(
    `agents.unregister ${JSON.stringify({ id, dryRun, cascade })}`,
    async () => {
      const { unregisteredAt: _, verification: __, ...told } = await agents
        .unregister(id, { cascade, dryRun });
      return {
        ...told,
        memorySpacesAffected: [...told.memorySpacesAffected].sort(),
      };
    },
    () => unregistered(world, id, { cascade, dryRun }),
  );
}

async function changeMany(
  world: World,
  _id: string,
  updates: Updates,
): Promise<void> {
  const { cortex: { agents }, model, random: { pick, below } } = world;
  const filters = defined({
    status: world.maybe(() => pick(STATUSES)),
    name: world.maybe(() => pick(["ada", "S"])),
    limit: world.maybe(() => 1 + below(3)),
    offset: world.maybe(() => below(3), 3),
    sortBy: world.maybe(() => pick(["name", "registeredAt"] as const)),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
  });
  const chosen = expected.page(expected.agents(model, filters, new Map()), {
    ...filters,
    limit: filters.limit ?? 1000,
  });
  // A call for all agents at once has no order.
  const told = <Told extends { agentIds: string[] }>(told: Told): Told =>
    filters.offset || filters.limit
      ? told
      : { ...told, agentIds: told.agentIds.sort() };
  const agentIds = chosen.map(({ id }) => id);
  if (Object.keys(updates).length > 0 && world.once(2)) {
    return await world.same(
      `agents.updateMany ${JSON.stringify(filters)}`,
      async () => told(await agents.updateMany(filters, updates)),
      () => {
        for (const row of chosen) {
          model.changeAgent(row, withoutGaps(updates));
        }
        return told({ updated: agentIds.length, agentIds });
      },
    );
  }
  const dryRun = world.once(2);
  const cascade = world.once(2);
  await world.same(
    `agents.unregisterMany ${JSON.stringify(filters)}`,
    async () => told(await agents.unregisterMany(filters, { dryRun, cascade })),
    () => {
      if (dryRun) return told({ deleted: 0, agentIds });
      let totalDataDeleted = 0;
      for (const id of agentIds) {
        totalDataDeleted +=
          unregistered(world, id, { cascade, dryRun }).totalDeleted;
      }
      return told({
        deleted: agentIds.length,
        agentIds,
        ...cascade && agentIds.length > 0 && { totalDataDeleted },
      });
    },
  );
}

async function registerAgent(
  world: World,
  id: string,
  updates: Updates,
): Promise<void> {
  const { cortex: { agents }, model } = world;
  const { status: _, ...given } = updates;
  const registration = { id, ...given, name: given.name ?? "N" };
  await world.same(
    "agents.register",
    async () => still(await agents.register(registration)),
    () => agent(world, model.register(withoutGaps(registration))),
  );
}

function unregistered(
  world: World,
  agentId: string,
  { cascade, dryRun }: { cascade: boolean; dryRun: boolean },
) {
  const { model } = world;
  if (!cascade && !dryRun) model.agent(agentId);
  const { talks, registered } = cascade
    ? model.eraseAgent(agentId, dryRun)
    : { talks: [], registered: 0 };
  if (!cascade && !dryRun) model.unregister(agentId);
  const messages = talks.reduce((sum, talk) => sum + talk.messageCount, 0);
  const ofRegistration = cascade ? registered : Number(!dryRun);
  const affected = new Set(talks.map(({ memorySpaceId }) => memorySpaceId));
  return {
    agentId,
    conversationsDeleted: talks.length,
    conversationMessagesDeleted: messages,
    memoriesDeleted: 0,
    factsDeleted: 0,
    graphNodesDeleted: 0,
    totalDeleted: talks.length + messages + ofRegistration,
    deletedLayers: [
      ...talks.length > 0 ? ["conversations"] : [],
      ...ofRegistration > 0 ? ["agent-registration"] : [],
    ],
    memorySpacesAffected: [...affected].sort(),
  };
}

export async function lookAtAgents(world: World): Promise<void> {
  const { cortex: { agents }, model, random: { pick, below } } = world;
  const id = pick(AGENTS);
  const row = model.agents.find((agent) => agent.id === id);
  const own = model.talks.filter(({ participantId, participants }) =>
    [participantId, participants.participantId, participants.agentId]
      .includes(id)
  );
  await world.same(
    "agents.get",
    async () => {
      const got = await agents.get(id);
      if (got === null) return null;
      const { lastActive, ...stats } = got.stats!;
      const times = [
        ...own.map(({ updatedAt }) => updatedAt),
        ...got.lastActive === undefined ? [] : [got.lastActive],
      ];
      assertEquals(
        lastActive,
        times.length === 0 ? undefined : Math.max(...times),
        "the newest activity",
      );
      return { ...still(got) as Row, stats };
    },
    () =>
      row === undefined ? null : {
        ...agent(world, row),
        stats: {
          totalMemories: 0,
          totalConversations: own.length,
          totalFacts: 0,
          memorySpacesActive:
            new Set(own.map(({ memorySpaceId }) => memorySpaceId)).size,
        },
      },
  );
  await world.same("agents.exists", () => agents.exists(id), () => !!row);
  const everyone = await agents.list({ limit: 1000 });
  const lastActive = new Map(
    everyone.map(({ id, lastActive }) => [id, lastActive]),
  );
  const filters = defined({
    metadata: world.maybe(() => world.metadata(), 4),
    name: world.maybe(() => pick(["ada", "S", "%", "İ", "i̇"]), 4),
    capabilities: world.maybe(() => pick([["x"], ["x", "y"], ["X"], ["z"]]), 4),
    capabilitiesMatch: world.maybe(() => pick(["any", "all"] as const)),
    status: world.maybe(() => pick(STATUSES), 4),
    registeredAfter: world.maybe(() => world.time() - 20, 4),
    registeredBefore: world.maybe(() => world.clock.now + below(3), 4),
    lastActiveAfter: world.maybe(() => world.time() - 20, 6),
    lastActiveBefore: world.maybe(() => world.clock.now + below(3), 6),
    limit: world.maybe(() => 1 + below(4)),
    offset: world.maybe(() => below(4)),
    sortBy: world.maybe(() =>
      pick(["name", "registeredAt", "lastActive"] as const)
    ),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
  }) as AgentFilters;
  const all = expected.agents(model, filters, lastActive);
  const of = JSON.stringify(filters);
  await world.same(
    `agents.list ${of}`,
    async () => (await agents.list(filters)).map(still),
    () =>
      expected.page(all, { ...filters, limit: filters.limit ?? 100 }).map((
        row,
      ) => agent(world, row)),
  );
  await world.same(
    `agents.count ${of}`,
    () => agents.count(filters),
    () => all.length,
  );
  await world.same(
    `agents.export ${of}`,
    async () => {
      const { data, count } = await agents.export({ format: "json", filters });
      const told = JSON.parse(data).map(still);
      assertEquals(told.length, count);
      return told;
    },
    () =>
      expected.page(all, { ...filters, limit: filters.limit ?? Infinity }).map((
        row,
      ) => agent(world, row)),
  );
  await world.same(
    `agents.export as CSV ${of}`,
    async () => {
      const asked = { format: "csv", filters, includeMetadata: false } as const;
      const lines = expected.cellsOf((await agents.export(asked)).data);
      return lines.map((cells) => cells.slice(0, -1));
    },
    () => [
      ["id", "name", "description", "status", "registeredAt", "updatedAt"],
      ...expected.page(all, { ...filters, limit: filters.limit ?? Infinity })
        .map((row) => [
          expected.cell(row.id),
          expected.cell(row.name),
          expected.cell(row.description ?? ""),
          row.status,
          new Date(row.registeredAt).toISOString(),
          new Date(row.updatedAt).toISOString(),
        ]),
    ],
  );
}
