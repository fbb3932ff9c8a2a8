/** Immutable records at random. */
import * as expected from "./expected.ts";
import type { ImmutableRecord } from "../../../mod.ts";
import { defined } from "./rows.ts";
import { record, versionAt, versionsOf, withoutGaps } from "./told.ts";
import { NAMES, shown, TYPES, USERS, type World } from "./world.ts";

/** Changes of the record with a type and an id, or of several. */
const CHANGES = [
  purge,
  purgeVersions,
  purgeMany,
  store,
  store,
  store,
  store,
  store,
  store,
];

export async function changeRecords(world: World): Promise<void> {
  const { pick } = world.random;
  const type = pick(TYPES);
  const id = pick(NAMES);
  await pick(CHANGES)(world, type, id);
}

async function purge(world: World, type: string, id: string): Promise<void> {
  const { cortex: { immutable }, model } = world;
  await world.same(
    "immutable.purge",
    () => immutable.purge(type, id),
    () => ({
      deleted: true,
      type,
      id,
      versionsDeleted: model.purge(type, id),
    }),
  );
}

async function purgeVersions(
  world: World,
  type: string,
  id: string,
): Promise<void> {
  const { cortex: { immutable }, model } = world;
  const keepLatest = 1 + world.random.below(4);
  await world.same(
    "immutable.purgeVersions",
    () => immutable.purgeVersions(type, id, keepLatest),
    () => model.purgeVersions(type, id, keepLatest),
  );
}

async function purgeMany(
  world: World,
  type: string,
  id: string,
): Promise<void> {
  const { cortex: { immutable }, model } = world;
  const filter = world.random.pick(
    [{ type }, { userId: id }, { type, userId: id }],
  );
  if (world.once(2)) return;
  await world.same(
    "immutable.purgeMany",
    async () => sorted(await immutable.purgeMany(filter)),
    () => {
      const gone = model.purgeMany(filter);
      return sorted({
        deleted: gone.length,
        totalVersionsDeleted: gone.reduce(
          (sum, { previous }) => sum + previous.length + 1,
          0,
        ),
        entries: gone.map(({ type, id }) => ({ type, id })),
      });
    },
  );
}

async function store(world: World, type: string, id: string): Promise<void> {
  const { cortex: { immutable }, model } = world;
  const entry = {
    type,
    id,
    data: world.data(),
    userId: world.maybe(() => world.random.pick(USERS)),
    metadata: world.maybe(() => world.metadata()),
  } as Parameters<typeof model.store>[0];
  await world.same(
    "immutable.store",
    () => immutable.store(entry) as Promise<ImmutableRecord>,
    () => record(world, model.store(withoutGaps(entry))),
  );
}

function sorted<Told extends { entries: { type: string; id: string }[] }>(
  told: Told,
): Told {
  const key = ({ type, id }: { type: string; id: string }) => `${type} ${id}`;
  told.entries.sort((a, b) => key(a) < key(b) ? -1 : 1);
  return told;
}

export async function lookAtRecords(world: World): Promise<void> {
  const { cortex: { immutable }, model, random: { pick, below } } = world;
  const type = pick(TYPES);
  const id = pick(NAMES);
  const row = model.record(type, id);
  const time = world.time();
  const version = 1 + below(4);
  const filter = defined({
    type: world.maybe(() => type),
    userId: world.maybe(() => pick(USERS)),
  });
  const limit = world.maybe(() => 1 + below(4));
  const chosen = model.records.filter((row) =>
    (filter.type ?? row.type) === row.type &&
    (filter.userId ?? row.userId) === row.userId
  );
  const whole = (one: ReturnType<typeof versionsOf>[number] | null) =>
    one && defined({
      ...one,
      type,
      id,
      userId: row!.owners.get(one.version) ?? row!.userId,
      createdAt: row!.createdAt,
    });
  await world.same(
    "immutable.get",
    () => immutable.get(type, id),
    () => row === undefined ? null : record(world, row),
  );
  await world.same(
    "immutable.getHistory",
    () => immutable.getHistory(type, id),
    () => row === undefined ? [] : versionsOf(row).map(whole),
  );
  await world.same(
    "immutable.getVersion",
    () => immutable.getVersion(type, id, version),
    () =>
      whole(
        row && versionsOf(row).find((one) => one.version === version) || null,
      ),
  );
  await world.same(
    "immutable.getAtTimestamp",
    () => immutable.getAtTimestamp(type, id, time),
    () => whole(versionAt(row, time)),
  );
  await world.same(
    `immutable.list ${JSON.stringify(filter)}`,
    () => immutable.list({ ...filter, limit }),
    () =>
      expected.ordered(chosen, ({ createdAt }) => createdAt, "desc")
        .slice(0, limit ?? 50).map((row) => record(world, row, 20)),
  );
  await world.same(
    "immutable.count",
    () => immutable.count(filter),
    () => chosen.length,
  );
  const query = pick([
    "ADA",
    "o",
    "straße",
    "strasse",
    "100%",
    '":',
    "😀",
    "\\",
  ]);
  await world.same(
    `immutable.search ${JSON.stringify({ query, ...filter, limit })}`,
    async () =>
      (await immutable.search({ query, ...filter, limit })).map(({ entry }) =>
        shown(entry)
      ),
    () =>
      expected.ordered(chosen, ({ updatedAt }) => updatedAt, "desc")
        .filter(({ data }) =>
          expected.bare(JSON.stringify(data)).includes(expected.bare(query))
        ).slice(0, limit ?? 10).map((row) => record(world, row, 20)),
  );
}
