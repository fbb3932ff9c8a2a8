/** Values, records and profiles. */
import type { MutableOperation } from "../../../mod.ts";
import type { Operation } from "./choice.ts";

const set: Operation = ({ cortex, label, key, word, user, few }) =>
  cortex.mutable.set(label, key, few === 0 ? word : few, user);

const storeRecord: Operation = (scene) =>
  scene.cortex.immutable.store({
    type: scene.label,
    id: scene.key,
    data: { word: scene.word },
    userId: scene.user,
  }, scene.controls);

/** The mutable values. */
export const valueOperations: Readonly<Record<string, Operation>> = {
  set,
  setAgain: set,
  increment: ({ cortex, label, key, few, controls }) =>
    cortex.mutable.increment(label, key, few, controls),
  transact: (scene) => {
    const { cortex, label, key, otherLabel, otherKey, few, word } = scene;
    const op = (["increment", "delete", "update"] as const)[few]!;
    const operations: MutableOperation[] = [
      { op: "set", namespace: label, key, value: 7 },
      {
        op,
        namespace: otherLabel,
        key: otherKey,
        ...op === "update" && { value: word },
      },
    ];
    return cortex.mutable.transaction(operations, scene.controls);
  },
  deleteValue: ({ cortex, label, key, controls }) =>
    cortex.mutable.delete(label, key, controls),
  purgeValues: async ({ cortex, world, label, user, few, flag }) => {
    if (few > 0) {
      const ofUser = { namespace: label, userId: user };
      const { deleted, keys } = await cortex.mutable.purgeMany(ofUser);
      return { deleted, keys: world.texts(keys) };
    }
    const { deleted } = await cortex.mutable.purgeNamespace(label, {
      dryRun: flag,
    });
    return deleted;
  },
  lookAtValues: async ({ cortex, world, label, user, key }) => ({
    rows: world.texts(await cortex.mutable.list({ namespace: label })),
    mine: world.texts(
      await cortex.mutable.list({ namespace: label, userId: user }),
    ),
    count: await cortex.mutable.count({ namespace: label }),
    value: await cortex.mutable.get(label, key),
  }),
};

/** The records with versions, and profiles, which are such records. */
export const recordOperations: Readonly<Record<string, Operation>> = {
  storeRecord,
  storeRecordAgain: storeRecord,
  purgeRecord: ({ cortex, label, key, few, controls }) =>
    few === 0
      ? cortex.immutable.purge(label, key, controls)
      : cortex.immutable.purgeVersions(label, key, few, controls),
  purgeRecords: async ({ cortex, world, label, user }) => {
    const ofUser = { type: label, userId: user };
    const { deleted, ids } = await cortex.immutable.purgeMany(ofUser) as {
      deleted: number;
      ids?: string[];
    };
    return { deleted, ids: world.texts(ids ?? []) };
  },
  profile: ({ cortex, user, word, few, controls }) =>
    few === 0
      ? cortex.users.update(user, { word }, controls)
      : cortex.users.merge(user, { [`few${few}`]: word }, controls),
  lookAtRecords: async ({ cortex, world, label, key, user }) => ({
    rows: world.texts(await cortex.immutable.list({ type: label })),
    mine: world.texts(await cortex.immutable.list({ userId: user })),
    count: await cortex.immutable.count({ type: label }),
    versions: await cortex.immutable.getHistory(label, key),
    profiles: world.texts((await cortex.users.list()).users),
    profile: await cortex.users.getHistory(user),
  }),
};
