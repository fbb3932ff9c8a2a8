/** Values, records and profiles. */
import type { Operation } from "./choice.ts";

export const recordOperations: Readonly<Record<string, Operation>> = {
  set: ({ cortex, label, key, word, user }) =>
    cortex.mutable.set(label, key, word, user),
  storeRecord: ({ cortex, label, key, word, user, controls }) =>
    cortex.immutable.store(
      { type: label, id: key, data: { word }, userId: user },
      controls,
    ),
  profile: ({ cortex, user, word }) => cortex.users.update(user, { word }),
};
