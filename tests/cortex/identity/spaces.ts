/** Spaces at random. */
import { assertEquals } from "@std/assert";
import * as expected from "./expected.ts";
import type { ListMemorySpacesFilter } from "../../../mod.ts";
import { defined, Refused, type SpaceRow, type TalkRow } from "./rows.ts";
import { space } from "./told.ts";
import { KINDS, shown, SPACES, TEXTS, USERS, type World } from "./world.ts";

const who = ({ random }: World) =>
  random.pick([...USERS.filter((name) => name.trim()), "helper"]);

function someone(world: World) {
  const { pick, below } = world.random;
  return { id: who(world), type: pick(TEXTS), joinedAt: 1 + below(9) };
}

/** Compares what a call returns with the space that the model expects. */
async function same(
  world: World,
  name: string,
  call: () => Promise<unknown>,
  expect: () => SpaceRow,
): Promise<void> {
  await world.same(
    `memorySpaces.${name}`,
    call,
    () => space(world, expect()),
  );
}

/** Changes of the space with an id. */
const CHANGES = [
  update,
  addParticipant,
  removeParticipant,
  updateParticipants,
  archive,
  reactivate,
  deleteSpace,
  register,
  register,
  register,
];

export async function changeSpaces(world: World): Promise<void> {
  const { pick } = world.random;
  const id = pick(SPACES);
  await pick(CHANGES)(world, id);
}

async function update(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model, random: { pick } } = world;
  const updates = defined({
    name: world.maybe(() => pick(TEXTS)),
    metadata: world.maybe(() => world.metadata()),
    status: world.maybe(() => pick(["active", "archived"] as const)),
  });
  if (Object.keys(updates).length === 0) return;
  await same(
    world,
    "update",
    () => memorySpaces.update(id, updates),
    () => model.changeSpace(id, updates),
  );
}

async function addParticipant(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model } = world;
  const one = someone(world);
  await same(
    world,
    "addParticipant",
    () => memorySpaces.addParticipant(id, one),
    () => {
      const { participants } = model.space(id);
      if (participants.some((known) => known.id === one.id)) {
        throw new Refused("PARTICIPANT_ALREADY_EXISTS");
      }
      return model.changeParticipants(id, { add: [one] });
    },
  );
}

async function removeParticipant(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model } = world;
  const gone = who(world);
  await same(
    world,
    "removeParticipant",
    () => memorySpaces.removeParticipant(id, gone),
    () => model.changeParticipants(id, { remove: [gone] }),
  );
}

async function updateParticipants(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model } = world;
  const add = [someone(world), someone(world)].filter((one, at, all) =>
    all.findIndex(({ id }) => id === one.id) === at
  );
  const updates = { add, remove: [who(world), who(world)] };
  await same(
    world,
    "updateParticipants",
    () => memorySpaces.updateParticipants(id, updates),
    () => model.changeParticipants(id, updates),
  );
}

async function archive(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model, clock, random: { pick } } = world;
  const reason = world.maybe(() => pick(TEXTS));
  const metadata = world.maybe(() => world.metadata());
  await same(
    world,
    "archive",
    () => memorySpaces.archive(id, { reason, metadata }),
    () =>
      model.changeSpace(id, {
        status: "archived",
        metadata: {
          ...model.space(id).metadata,
          ...metadata,
          archivedAt: clock.now,
          ...reason !== undefined && { archiveReason: reason },
        },
      }),
  );
}

async function reactivate(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model } = world;
  await same(
    world,
    "reactivate",
    () => memorySpaces.reactivate(id),
    () => model.changeSpace(id, { status: "active" }),
  );
}

async function deleteSpace(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model } = world;
  await world.same(
    "memorySpaces.delete",
    async () => {
      const { cascade, deletedAt: _, ...told } = await memorySpaces.delete(
        id,
        { cascade: true, reason: "r" },
      );
      const { totalBytes, ...counts } = cascade;
      return { ...told, cascade: counts, hasBytes: totalBytes > 0 };
    },
    () => {
      const { length } = model.deleteSpace(id);
      const cascade = {
        conversationsDeleted: length,
        memoriesDeleted: 0,
        factsDeleted: 0,
      };
      return {
        memorySpaceId: id,
        deleted: true,
        reason: "r",
        cascade,
        hasBytes: length > 0,
      };
    },
  );
}

async function register(world: World, id: string): Promise<void> {
  const { cortex: { memorySpaces }, model, random: { pick } } = world;
  const participants = [someone(world), someone(world), someone(world)].filter((
    one,
    at,
    all,
  ) => all.findIndex(({ id }) => id === one.id) === at);
  const params = defined({
    memorySpaceId: id,
    type: pick(KINDS),
    name: world.maybe(() => pick(TEXTS)),
    metadata: world.maybe(() => world.metadata()),
    participants: world.maybe(() => participants),
  });
  await same(
    world,
    "register",
    () => memorySpaces.register(params),
    () => model.registerSpace(params),
  );
}

export async function lookAtSpaces(world: World): Promise<void> {
  const { cortex: { memorySpaces }, model, random: { pick, below } } = world;
  const id = pick(SPACES);
  const row = model.spaces.find(({ memorySpaceId }) => memorySpaceId === id);
  await world.same(
    "memorySpaces.get",
    () => memorySpaces.get(id),
    () => row === undefined ? null : space(world, row),
  );
  const filter = defined({
    type: world.maybe(() => pick(KINDS), 4),
    status: world.maybe(() => pick(["active", "archived"] as const), 4),
  });
  const people = [
    pick(USERS),
    ...model.spaces.flatMap(({ participants }) =>
      participants.map(({ id }) => id)
    ),
  ];
  const wide = defined({
    ...filter,
    participant: world.maybe(() => pick(people), 3),
    limit: world.maybe(() => 1 + below(4)),
    offset: world.maybe(() => below(4)),
    sortBy: world.maybe(() =>
      pick(["name", "createdAt", "updatedAt"] as const)
    ),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
  }) as ListMemorySpacesFilter;
  const all = expected.spaces(model, wide);
  const { offset = 0 } = wide;
  await world.same(
    `memorySpaces.list ${JSON.stringify(wide)}`,
    async () => {
      const { spaces, ...told } = await memorySpaces.list(wide);
      return { ...told, spaces: spaces.map(shown) };
    },
    () => {
      const rows = expected.page(all, { ...wide, limit: wide.limit ?? 100 });
      return {
        spaces: rows.map((row) => space(world, row)),
        total: all.length,
        hasMore: offset + rows.length < all.length,
        offset,
      };
    },
  );
  await world.same(
    "memorySpaces.count",
    () => memorySpaces.count(filter),
    () => expected.spaces(model, filter).length,
  );
  const participant = pick(people);
  await world.same(
    "memorySpaces.findByParticipant",
    () => memorySpaces.findByParticipant(participant),
    () =>
      expected.spaces(model, { participant }).map((row) => space(world, row)),
  );
  const query = pick(["ada", " o", "STRASSE", "100%", "{", "_", "😀", "level"]);
  const limit = world.maybe(() => 1 + below(3));
  const got = await memorySpaces.search(query, { ...filter, limit });
  const found = expected.foundSpaces(model, query).filter(({ row }) =>
    (filter.type ?? row.type) === row.type &&
    (filter.status ?? row.status) === row.status
  );
  // Nothing is said of those whose match and time are the same.
  assertEquals(
    got.map(({ memorySpaceId, updatedAt }) => [
      found.find(({ row }) => row.memorySpaceId === memorySpaceId)?.rank,
      updatedAt,
    ]),
    found.slice(0, limit ?? 50).map(({ row, rank }) => [rank, row.updatedAt]),
    `memorySpaces.search ${JSON.stringify({ query, filter, limit })}`,
  );
  const own = model.talks.filter(({ memorySpaceId }) => memorySpaceId === id);
  await world.same(
    "memorySpaces.getStats",
    async () => {
      const stats = await memorySpaces.getStats(id, {
        timeWindow: "24h",
        includeParticipants: true,
      });
      const { totalConversations, totalMessages } = stats;
      const { conversationsThisWindow, storage } = stats;
      return {
        totalConversations,
        totalMessages,
        conversationsThisWindow,
        hasBytes: storage.conversationsBytes > 0,
        participants: expected.ordered(
          stats.participants!,
          ({ participantId }) => participantId,
        ),
      };
    },
    () => {
      if (row === undefined) throw new Refused("MEMORYSPACE_NOT_FOUND");
      return {
        totalConversations: own.length,
        totalMessages: own.reduce((sum, talk) => sum + talk.messageCount, 0),
        conversationsThisWindow: own.length,
        hasBytes: own.length > 0,
        participants: activeIn(own),
      };
    },
  );
}

/** What participants have done in a space that holds nothing but conversations. */
function activeIn(talks: readonly TalkRow[]) {
  const whoIn = ({ participantId, participants }: TalkRow) =>
    participantId ?? participants.participantId ?? participants.agentId;
  const ids = new Set(talks.flatMap((talk) => whoIn(talk) ?? []));
  return expected.ordered([...ids], (id) => id).map((participantId) => {
    const own = talks.filter((talk) => whoIn(talk) === participantId);
    return {
      participantId,
      memoriesStored: 0,
      conversationsStored: own.length,
      factsExtracted: 0,
      firstActive: Math.min(...own.map(({ createdAt }) => createdAt)),
      lastActive: Math.max(...own.map(({ updatedAt }) => updatedAt)),
      avgImportance: 0,
      topTags: [],
    };
  });
}
