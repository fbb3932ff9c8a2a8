import { assert, assertEquals } from "@std/assert";
import { ConvexCommitTs } from "../../src/convex_test/commit_ts.ts";
import { CommitTsPlaceholder } from "../../src/values/commit_ts.ts";

Deno.test("a package older than commit times, or none, leaves the engine's own", async () => {
  const older = () =>
    Promise.resolve({
      jsonToConvex() {
        throw new Error("Field name $commitTs starts with a '$'");
      },
    });
  const none = () => Promise.reject(new Error("Cannot find package 'convex'"));
  for (const values of [older, none]) {
    const commitTs = new ConvexCommitTs(values);
    await commitTs.wait();
    assertEquals(commitTs.wait(), undefined);
    assert(commitTs.get() instanceof CommitTsPlaceholder);
  }
});
