/** Users at random: changed one by one and by the dozen, erased, listed, and read at earlier times. */
import * as expected from "./expected.ts";
import type { UserFilters } from "../../../mod.ts";
import { defined } from "./rows.ts";
import {
  isRange,
  profile,
  talk,
  versionAt,
  versionsOf,
  withoutGaps,
} from "./told.ts";
import { type Row, shown, USERS, type World } from "./world.ts";

function userFilters(world: World): UserFilters {
  const { random } = world;
  return defined({
    createdAfter: world.maybe(() => world.time(), 6),
    createdBefore: world.maybe(() => world.clock.now + random.below(3), 6),
    updatedAfter: world.maybe(() => world.time(), 6),
    updatedBefore: world.maybe(() => world.clock.now + random.below(3), 6),
    displayName: world.maybe(() => random.pick(["a", "LOVE", "STRASSE"]), 6),
    email: world.maybe(() => random.pick(["@b", "A"]), 6),
    sortBy: world.maybe(() => random.pick(["createdAt", "updatedAt"] as const)),
    sortOrder: world.maybe(() => random.pick(["asc", "desc"] as const)),
    limit: world.maybe(() => 1 + random.below(4)),
    offset: world.maybe(() => random.below(4), 3),
  }) as UserFilters;
}

/** Changes of the user with an id, or of several. */
const CHANGES = [
  update,
  update,
  merge,
  getOrCreate,
  updateUsers,
  deleteUsers,
  deleteUser,
  deleteUser,
  deleteUser,
];

export async function changeUsers(world: World): Promise<void> {
  const { pick } = world.random;
  const id = pick(USERS);
  const data = world.data();
  await pick(CHANGES)(world, id, data);
}

async function update(world: World, id: string, data: Row): Promise<void> {
  const { cortex: { users }, model } = world;
  await world.same(
    "users.update",
    () => users.update(id, data),
    () => profile(world, model.updateUser(id, data)),
  );
}

async function merge(world: World, id: string, data: Row): Promise<void> {
  const { cortex: { users }, model } = world;
  await world.same(
    "users.merge",
    () => users.merge(id, data),
    () => profile(world, model.updateUser(id, data)),
  );
}

async function getOrCreate(
  world: World,
  id: string,
  data: Row,
): Promise<void> {
  const { cortex: { users }, model } = world;
  await world.same(
    "users.getOrCreate",
    () => users.getOrCreate(id, data),
    () =>
      profile(
        world,
        model.record("user", id) ??
          model.store({ type: "user", id, data: withoutGaps(data) }),
      ),
  );
}

function chooseUsers(world: World): [string[] | UserFilters, string[]] {
  const { model, random: { below, pick } } = world;
  if (below(2) === 0) {
    const ids = [...new Set([pick(USERS), pick(USERS), pick(USERS)])];
    return [ids, ids];
  }
  let filters: UserFilters;
  do filters = userFilters(world); while (!isRange(filters as Row));
  const { limit = 1000 } = filters;
  const rows = expected.page(expected.users(model, filters), {
    ...filters,
    limit,
  });
  return [filters, rows.map(({ id }) => id)];
}

async function updateUsers(
  world: World,
  _id: string,
  data: Row,
): Promise<void> {
  const { cortex: { users }, model } = world;
  const [given, ids] = chooseUsers(world);
  const dryRun = world.once(4);
  const skipVersioning = world.once(2);
  await world.same(
    `users.updateMany ${JSON.stringify(given)}`,
    () => users.updateMany(given, { data }, { dryRun, skipVersioning }),
    () => {
      if (dryRun) return { updated: 0, userIds: ids };
      const known = ids.filter((id) => model.record("user", id));
      for (const id of known) model.updateUser(id, data, !skipVersioning);
      return { updated: known.length, userIds: known };
    },
  );
}

async function deleteUsers(world: World): Promise<void> {
  const { cortex: { users }, model } = world;
  const [given, ids] = chooseUsers(world);
  const dryRun = world.once(4);
  const cascade = world.once(2);
  await world.same(
    `users.deleteMany ${JSON.stringify(given)}`,
    () => users.deleteMany(given, { dryRun, cascade }),
    () => {
      if (dryRun) return { deleted: 0, userIds: ids };
      const known = ids.filter((id) => cascade || model.record("user", id));
      for (const id of known) {
        if (cascade) model.eraseUser(id, { cascade });
        else model.purge("user", id);
      }
      return { deleted: known.length, userIds: known };
    },
  );
}

async function deleteUser(world: World, id: string): Promise<void> {
  const { cortex: { users }, model } = world;
  const dryRun = world.once(3);
  const cascade = world.once(2);
  await world.same(
    "users.delete",
    async () => {
      const { deletedAt: _, ...told } = await users.delete(id, {
        cascade,
        dryRun,
      });
      return told;
    },
    () => {
      const counts = model.eraseUser(id, { cascade, dryRun });
      if (!cascade && !dryRun) model.purge("user", id);
      const plain = !cascade;
      const totalDeleted = plain
        ? Number(!dryRun)
        : Object.values(counts).reduce((sum, count) => sum + count);
      const layers = plain
        ? dryRun ? [] : ["user-profile"]
        : Object.entries(counts).filter(([name, count]) =>
          count > 0 && name !== "messages"
        ).map(([name]) => name);
      const of = (count: number) => plain ? 0 : count;
      return {
        userId: id,
        conversationsDeleted: of(counts.conversations),
        conversationMessagesDeleted: of(counts.messages),
        immutableRecordsDeleted: of(counts.immutable),
        mutableKeysDeleted: of(counts.mutable),
        vectorMemoriesDeleted: 0,
        factsDeleted: 0,
        graphNodesDeleted: 0,
        factHistoryDeleted: 0,
        contextsDeleted: 0,
        sessionsDeleted: 0,
        verification: {
          complete: true,
          issues: dryRun && cascade
            ? [`DRY RUN: ${totalDeleted} rows would be deleted`]
            : [],
        },
        totalDeleted,
        deletedLayers: layers,
      };
    },
  );
}

export async function lookAtUsers(world: World): Promise<void> {
  const { cortex: { users }, model, random: { pick, below } } = world;
  const id = pick(USERS);
  const row = model.record("user", id);
  const plain = (one: ReturnType<typeof versionsOf>[number] | null) =>
    one && { version: one.version, data: one.data, timestamp: one.timestamp };
  const time = world.time();
  const version = 1 + below(4);
  let filters = userFilters(world);
  while (!isRange(filters as Row)) filters = userFilters(world);
  const all = expected.users(model, filters);
  const { limit = 50, offset = 0 } = filters;
  const rows = expected.page(all, { ...filters, limit });
  const of = JSON.stringify(filters);
  await world.same(
    "users.get",
    () => users.get(id),
    () => row === undefined ? null : profile(world, row),
  );
  await world.same("users.exists", () => users.exists(id), () => !!row);
  await world.same(
    "users.getHistory",
    () => users.getHistory(id),
    () => row === undefined ? [] : versionsOf(row).map(plain),
  );
  await world.same(
    "users.getVersion",
    () => users.getVersion(id, version),
    () =>
      plain(
        row && versionsOf(row).find((one) => one.version === version) || null,
      ),
  );
  await world.same(
    "users.getAtTimestamp",
    () => users.getAtTimestamp(id, new Date(time)),
    () => plain(versionAt(row, time)),
  );
  await world.same(`users.list ${of}`, () => users.list(filters), () => ({
    users: rows.map((row) => profile(world, row)),
    total: all.length,
    limit,
    offset,
    hasMore: offset + rows.length < all.length,
  }));
  await world.same(
    `users.search ${of}`,
    () => users.search(filters),
    () => rows.map((row) => profile(world, row)),
  );
  await world.same(
    `users.count ${of}`,
    () => users.count(filters),
    () => all.length,
  );
  await world.same(
    `users.export ${of}`,
    async () =>
      JSON.parse(
        await users.export({
          format: "json",
          filters,
          includeVersionHistory: true,
          includeConversations: true,
        }),
      ).map((row: Row) => ({
        ...row,
        conversations: expected.ordered(
          (row.conversations as Row[]).map(shown) as Row[],
          ({ conversationId }) => conversationId,
        ),
      })),
    () =>
      expected.page(all, { offset, limit: filters.limit ?? Infinity }).map(
        (row) => {
          const { tenantId: _, ...rest } = profile(world, row);
          return {
            ...rest,
            versionHistory: versionsOf(row).map(plain),
            conversations: expected.ordered(
              expected.talks(model, { userId: row.id }).map((row) =>
                talk(world, row)
              ),
              ({ conversationId }) => conversationId,
            ),
          };
        },
      ),
  );
  await world.same(
    `users.export as CSV ${of}`,
    async () => {
      const text = await users.export({
        format: "csv",
        filters,
        includeVersionHistory: true,
        includeConversations: true,
      });
      const [header, ...lines] = expected.cellsOf(text);
      return [
        header,
        ...lines.map(([id, version, createdAt, updatedAt, data, ...counts]) => [
          ...[id, version, createdAt, updatedAt],
          JSON.parse(data!),
          ...counts,
        ]),
      ];
    },
    () => [
      [
        ...["id", "version", "createdAt", "updatedAt", "data"],
        "versionHistoryCount",
        "conversationsCount",
      ],
      ...expected.page(all, { offset, limit: filters.limit ?? Infinity }).map(
        (row) => [
          expected.cell(row.id),
          `${row.version}`,
          new Date(row.createdAt).toISOString(),
          new Date(row.updatedAt).toISOString(),
          row.data,
          `${row.previous.length + 1}`,
          `${expected.talks(model, { userId: row.id }).length}`,
        ],
      ),
    ],
  );
}
