import { assertEquals, assertRejects } from "@std/assert";
import type { UserIdentity } from "convex/server";
import {
  type AccessArgs,
  enter,
  requirePurgeable,
} from "../../src/convex/lib/access.ts";
import { withVariables } from "../support/variables.ts";

const CLOUD = { CONVEX_CLOUD_URL: "https://happy-animal-1.convex.cloud" };

/** Enters with deployment variables set for the time of the call. */
function entered(
  variables: Record<string, string>,
  args: AccessArgs = {},
  identity: Record<string, unknown> | null = null,
) {
  return withVariables(variables, () =>
    enter({
      auth: {
        getUserIdentity: () => Promise.resolve(identity as UserIdentity | null),
      },
    }, args));
}

Deno.test("without a deployment, on localhost and in tests everyone is let in", async () => {
  for (
    const variables of [
      {},
      { CONVEX_CLOUD_URL: "http://127.0.0.1:3210" },
      { CONVEX_CLOUD_URL: "http://localhost:3210/x" },
      { CONVEX_CLOUD_URL: "http://[::1]:3210" },
      { ...CLOUD, CONVEX_ENVIRONMENT: "test" },
      { ...CLOUD, CORTEX_ACCESS_MODE: "open" },
    ] as Record<string, string>[]
  ) {
    const scope = await entered(variables, { tenantId: "t1", now: 7 });
    assertEquals([scope.tenantId, scope.now], ["t1", 7]);
  }
});

Deno.test("a deployment without an access mode lets nobody in", async () => {
  for (
    const url of [
      CLOUD.CONVEX_CLOUD_URL,
      "https://localhost.example.org",
      "https://127.0.0.1.example.org",
    ]
  ) {
    await assertRejects(
      () => entered({ CONVEX_CLOUD_URL: url }),
      Error,
      "ACCESS_MODE_NOT_SET",
    );
  }
  await assertRejects(
    () => entered({ CORTEX_ACCESS_MODE: "Open" }),
    Error,
    "ACCESS_MODE_INVALID",
  );
});

Deno.test("in identity mode the token names the tenant", async () => {
  const mode = { ...CLOUD, CORTEX_ACCESS_MODE: "identity" };
  await assertRejects(
    () => entered(mode),
    Error,
    "UNAUTHENTICATED: a token is missing: getClient().setAuth passes it",
  );
  const identity = { subject: "s", issuer: "i", tenantId: "t1", org: "t2" };
  assertEquals((await entered(mode, {}, identity)).tenantId, "t1");
  assertEquals(
    (await entered(mode, { tenantId: "t1" }, identity)).tenantId,
    "t1",
  );
  const other = { ...mode, CORTEX_TENANT_CLAIM: "org" };
  assertEquals((await entered(other, {}, identity)).tenantId, "t2");
  for (const tenantId of ["t2", "T1", ""]) {
    await assertRejects(
      () => entered(mode, { tenantId }, identity),
      Error,
      "PERMISSION_DENIED",
    );
  }
  const bare = { subject: "s", issuer: "i" };
  assertEquals((await entered(mode, {}, bare)).tenantId, undefined);
  await assertRejects(
    () => entered(mode, { tenantId: "t1" }, bare),
    Error,
    "PERMISSION_DENIED",
  );
  // Convex shows the members of claims that are objects.
  for (const claim of [{ tenantId: 5 }, { "tenantId.id": "t1" }]) {
    await assertRejects(
      () => entered(mode, {}, { ...bare, ...claim }),
      Error,
      "PERMISSION_DENIED: the identity's tenant claim is not a string",
    );
  }
  const member = { ...mode, CORTEX_TENANT_CLAIM: "org.id" };
  const inOrg = { ...bare, "org.id": "t1" };
  assertEquals((await entered(member, {}, inOrg)).tenantId, "t1");
});

Deno.test("in key mode the secret is asked for", async () => {
  // SHA-256 of "open sesame".
  const hash =
    "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode("open sesame"),
  );
  const actual = [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  assertEquals(actual, hash);
  const mode = { ...CLOUD, CORTEX_ACCESS_MODE: "key" };
  const keyed = { ...mode, CORTEX_ACCESS_KEY_SHA256: hash };
  const scope = await entered(keyed, { accessKey: "open sesame" });
  assertEquals(scope.tenantId, undefined);
  await assertRejects(
    () => entered(keyed),
    Error,
    "UNAUTHENTICATED: accessKey is missing: an option of Cortex, or an argument of a function that you call",
  );
  for (const accessKey of ["", "open sesam", "Open sesame"]) {
    await assertRejects(
      () => entered(keyed, { accessKey }),
      Error,
      "UNAUTHENTICATED",
    );
  }
  for (const wrong of ["", "abc", hash.slice(1)]) {
    await assertRejects(
      () =>
        entered({ ...mode, CORTEX_ACCESS_KEY_SHA256: wrong }, {
          accessKey: "open sesame",
        }),
      Error,
      "ACCESS_KEY_NOT_SET",
    );
  }
});

Deno.test("only embedded engines, localhost and deployments of tests are purged, never in mode identity", async () => {
  const site = { CONVEX_SITE_URL: "https://happy-animal-1.convex.site" };
  const local = { CONVEX_SITE_URL: "http://127.0.0.1:3211" };
  for (
    const variables of [
      {},
      local,
      { CONVEX_CLOUD_URL: "http://localhost:3210" },
      { ...CLOUD, CONVEX_ENVIRONMENT: "test" },
      { ...site, CORTEX_ALLOW_PURGE: "true", CORTEX_ACCESS_MODE: "key" },
    ] as Record<string, string>[]
  ) await withVariables(variables, requirePurgeable);
  for (
    const variables of [
      CLOUD,
      { ...CLOUD, CORTEX_ACCESS_MODE: "open" },
      { ...CLOUD, CONVEX_ENVIRONMENT: "production" },
      { ...CLOUD, CORTEX_ALLOW_PURGE: "1" },
      { ...local, CORTEX_ACCESS_MODE: "identity" },
    ] as Record<string, string>[]
  ) {
    await assertRejects(
      () => withVariables(variables, requirePurgeable),
      Error,
      "PURGE_DISABLED_IN_PRODUCTION",
    );
  }
});
