/** What `convex/values` has given. */
const found: { commitTs?: object } = {};

// Begun here, since a test may hold the time still in which it would come. Without it an object of the engine's own does.
import("convex/values").then(
  ({ jsonToConvex }) => {
    found.commitTs = jsonToConvex({ $commitTs: null }) as object;
  },
  () => {},
);

/** `ctx.db.vars.commitTs` as `convex/values` makes it, so that `instanceof CommitTsPlaceholder` tells it. */
export function convexCommitTs(): object | undefined {
  return found.commitTs;
}
