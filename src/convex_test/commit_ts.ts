import { CommitTsPlaceholder } from "../values/commit_ts.ts";

/**
 * `ctx.db.vars.commitTs` as `convex/values` makes it, so that `instanceof` of its class tells it. Where the package
 * has not come by the first use, since a test holds the time still, an object of the engine's own does.
 */
export function convexCommitTs(): () => object {
  let commitTs: object | undefined;
  import("convex/values").then(
    ({ jsonToConvex }) => {
      commitTs ??= jsonToConvex({ $commitTs: null }) as object;
    },
    () => {},
  );
  return () => commitTs ??= new CommitTsPlaceholder();
}
