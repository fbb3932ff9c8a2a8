/** Mutable values at random. */
import * as expected from "./expected.ts";
import type { ListMutableFilter, MutableOperation } from "../../../mod.ts";
import { defined, type ValueRow } from "./rows.ts";
import { value } from "./told.ts";
import { KEYS, type Row, TYPES, USERS, type World } from "./world.ts";

interface Name {
  readonly namespace: string;
  readonly key: string;
}

const someValue = ({ random }: World): unknown =>
  random.pick<unknown>([null, 1, -2.5, "t", { a: [1] }, [], true]);

/** Changes of the value with a name. */
const CHANGES = [
  increment,
  deleteOne,
  update,
  transact,
  purgeMany,
  purgeNamespace,
  set,
  set,
  set,
  set,
];

export async function changeValues(world: World): Promise<void> {
  const { pick } = world.random;
  const name = { namespace: pick(TYPES), key: pick(KEYS) };
  await pick(CHANGES)(world, name);
}

async function increment(world: World, name: Name): Promise<void> {
  const { cortex: { mutable }, model, random: { pick } } = world;
  const { namespace, key } = name;
  const amount = pick([undefined, 0, 2, -1, 0.5]);
  await world.same(
    "mutable.increment",
    () => mutable.increment(namespace, key, amount),
    () => value(world, model.increment(namespace, key, amount ?? 1)),
  );
}

async function deleteOne(world: World, name: Name): Promise<void> {
  const { cortex: { mutable }, model } = world;
  const { namespace, key } = name;
  await world.same(
    "mutable.delete",
    () => mutable.delete(namespace, key),
    () => model.deleteValue(namespace, key),
  );
}

async function update(world: World, name: Name): Promise<void> {
  const { cortex: { mutable }, model } = world;
  const { namespace, key } = name;
  const made = someValue(world);
  await world.same(
    "mutable.update",
    () => mutable.update(namespace, key, () => made),
    () => {
      model.knownValue(namespace, key);
      return value(world, model.set({ namespace, key, value: made }));
    },
  );
}

async function transact(world: World): Promise<void> {
  const { cortex: { mutable }, model, random: { pick, below } } = world;
  const operations = Array.from({ length: 1 + below(4) }, () => {
    const op = pick(
      ["set", "set", "update", "delete", "increment", "decrement"] as const,
    );
    return defined({
      op,
      namespace: pick(TYPES),
      key: pick(KEYS),
      value: op === "set" || op === "update" ? someValue(world) : undefined,
      amount: pick([undefined, 3, 0]),
    }) as MutableOperation;
  });
  await world.same(
    "mutable.transaction",
    async () => {
      const told = await mutable.transaction(operations);
      return told.results.map((row) => {
        const { _id, ...rest } = row as Row;
        return rest;
      });
    },
    () =>
      model.transaction(operations).map((row) =>
        "deleted" in (row as Row) ? row : value(world, row as ValueRow)
      ),
  );
}

async function purgeMany(world: World, { namespace }: Name): Promise<void> {
  const { cortex: { mutable }, model, random: { pick } } = world;
  const filter = defined({
    namespace,
    keyPrefix: world.maybe(() => pick(["a", "A", "__"])),
    userId: world.maybe(() => pick(USERS)),
    updatedBefore: world.maybe(() => world.time()),
  });
  await world.same(
    `mutable.purgeMany ${JSON.stringify(filter)}`,
    async () => {
      const told = await mutable.purgeMany(filter);
      return { ...told, keys: told.keys.sort() };
    },
    () => {
      const keys = expected.values(model, filter).map(({ key }) => key);
      for (const key of keys) model.deleteValue(namespace, key);
      return { deleted: keys.length, namespace, keys: keys.sort() };
    },
  );
}

async function purgeNamespace(
  world: World,
  { namespace }: Name,
): Promise<void> {
  const { cortex: { mutable }, model } = world;
  const dryRun = world.once(2);
  if (!dryRun && world.once(2)) return;
  await world.same(
    "mutable.purgeNamespace",
    () => mutable.purgeNamespace(namespace, { dryRun }),
    () => {
      const keys = expected.values(model, { namespace }).map((row) => row.key);
      const deleted = keys.length;
      if (dryRun) return { deleted, namespace, keys, dryRun };
      for (const key of keys) model.deleteValue(namespace, key);
      return { deleted, namespace, dryRun };
    },
  );
}

async function set(world: World, { namespace, key }: Name): Promise<void> {
  const { cortex: { mutable }, model, random: { pick } } = world;
  const entry = {
    namespace,
    key,
    value: someValue(world),
    userId: world.maybe(() => pick(USERS)),
    metadata: world.maybe(() => world.metadata()),
  };
  await world.same(
    "mutable.set",
    () =>
      mutable.set(
        namespace,
        key,
        entry.value,
        entry.userId,
        entry.metadata,
      ),
    () => value(world, model.set(entry as ValueRow)),
  );
}

export async function lookAtValues(world: World): Promise<void> {
  const { cortex: { mutable }, model, random: { pick, below } } = world;
  const namespace = pick(TYPES);
  const key = pick(KEYS);
  const row = model.value(namespace, key);
  await world.same(
    "mutable.get",
    () => mutable.get(namespace, key),
    () => row?.value ?? null,
  );
  await world.same(
    "mutable.getRecord",
    () => mutable.getRecord(namespace, key),
    () => row === undefined ? null : value(world, row),
  );
  await world.same(
    "mutable.exists",
    () => mutable.exists(namespace, key),
    () => !!row,
  );
  const filter = defined({
    namespace,
    keyPrefix: world.maybe(() => pick(["a", "A", "__", "a:"]), 3),
    userId: world.maybe(() => pick(USERS), 4),
    updatedAfter: world.maybe(() => world.time(), 4),
    updatedBefore: world.maybe(() => world.clock.now + below(3), 4),
    limit: world.maybe(() => below(4)),
    offset: world.maybe(() => below(4)),
    sortBy: world.maybe(() =>
      pick(["key", "updatedAt", "accessCount"] as const)
    ),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
  }) as ListMutableFilter;
  const all = expected.values(model, filter);
  const { limit: _, offset: __, sortBy: ___, sortOrder: ____, ...counted } =
    filter;
  await world.same(
    `mutable.list ${JSON.stringify(filter)}`,
    () => mutable.list(filter),
    () =>
      expected.page(all, { ...filter, limit: filter.limit ?? 100 }).map((row) =>
        value(world, row)
      ),
  );
  await world.same(
    "mutable.count",
    () => mutable.count(counted),
    () => all.length,
  );
}
