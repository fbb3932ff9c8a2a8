/** What a caller of another tenant gets from every public function, and what it leaves. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { UserIdentity } from "../../src/engine/engine.ts";
import { withVariables } from "../support/variables.ts";
import { sha256 } from "../../src/convex/lib/sha256.ts";
import { type Backend, NOW, openBackend, TABLES } from "./backend.ts";
import {
  callsOf,
  type PublicFunction,
  publicFunctions,
  seed,
} from "./tenant_calls.ts";

type Args = Record<string, unknown>;
type Tenant = string | undefined;

/** Whose rows there are, and who calls. */
const PAIRS: readonly (readonly [owner: Tenant, caller: Tenant])[] = [
  ["acme", "other"],
  ["acme", undefined],
  [undefined, "other"],
];

/**
 * Functions that only add, whatever there is, or keep for a key what they are given: their owner's answer says nothing
 * about what was there.
 */
const ADDING = ["factHistory:logEvent", "idempotency:choose"];

Deno.test("to a caller of another tenant every public function answers as if there was nothing, and leaves everything", async () => {
  for (const [owner, caller] of PAIRS) {
    const [full, empty] = [openBackend(), openBackend()];
    try {
      await seed(full, owner);
      const before = await allRows(full);
      const eventId = await eventIdOf(full);
      for (const called of publicFunctions) {
        for (const args of callsOf(called, eventId)) {
          const context = `${called.name} ${
            JSON.stringify(args)
          } as ${caller} of ${owner}'s`;
          assertEquals(
            await answer(full, called, args, caller),
            await answer(empty, called, args, caller),
            context,
          );
          const after = await allRows(full);
          for (const [id, row] of before) {
            assertEquals(after.get(id), row, context);
          }
        }
      }
    } finally {
      await full.engine.close();
      await empty.engine.close();
    }
  }
});

Deno.test("the same calls by the tenant itself find what is there, so that they would show a leak", async () => {
  const silent: string[] = [];
  let [full, empty] = [openBackend(), openBackend()];
  await seed(full, "acme");
  for (const called of publicFunctions) {
    const before = await allRows(full);
    const [args] = callsOf(called, await eventIdOf(full));
    const own = await answer(full, called, args!, "acme");
    const other = await answer(empty, called, args!, "acme");
    if (called.kind !== "mutation") {
      if (own === other) silent.push(called.name);
      continue;
    }
    const after = await allRows(full);
    const isChanged = [...before].some(([id, row]) => after.get(id) !== row);
    const added = after.size - before.size;
    const isSame = own === other && added === (await allRows(empty)).size;
    if (isSame && !isChanged) silent.push(called.name);
    await Promise.all([full.engine.close(), empty.engine.close()]);
    [full, empty] = [openBackend(), openBackend()];
    await seed(full, "acme");
  }
  await Promise.all([full.engine.close(), empty.engine.close()]);
  assertEquals(silent, ADDING);
});

Deno.test("no name of a space leads into another tenant's archive", async () => {
  const backend = openBackend();
  const embedding = Array.from({ length: 384 }, (_, at) => at === 0 ? 1 : 0);
  const memory = { memorySpaceId: "space", memoryId: "mem" };
  try {
    await backend.mutation("memories:store", {
      ...memory,
      tenantId: "acme",
      content: "secret",
      contentType: "raw",
      sourceType: "system",
      sourceTimestamp: NOW,
      importance: 50,
      tags: [],
      embedding,
    });
    await backend.mutation("memory:archive", { ...memory, tenantId: "acme" });
    // With the keys of what searches must not find, and of a tenant, in its name.
    const memorySpaceId = "\u0000acme\u0000space";
    for (const vector of [embedding, [1]]) {
      for (
        const [name, args] of [
          ["memory:searchWithEmbedding", {}],
          ["memories:searchWithEmbedding", {}],
          ["memory:recallWithEmbedding", {
            limit: 10,
            sources: { vector: true, facts: true },
            includeConversation: true,
          }],
        ] as const
      ) {
        const asked = { query: "x", embedding: vector, ...args };
        for (const [tenantId, userId] of [[], ["other"], [, "ann"]]) {
          const whose = {
            ...tenantId !== undefined && { tenantId },
            ...userId !== undefined && { userId },
          };
          await assertRejects(
            () =>
              backend.engine.run(
                "action",
                name,
                { ...asked, ...whose, memorySpaceId, now: NOW } as never,
                {},
              ),
            Error,
            "INVALID_ID: memorySpaceId ",
          );
        }
      }
    }
  } finally {
    await backend.engine.close();
  }
});

Deno.test("in access mode identity the token's tenant is the only one that a function acts for", () =>
  withVariables({ CORTEX_ACCESS_MODE: "identity" }, async () => {
    const of = (tenantId: string): UserIdentity => ({
      tokenIdentifier: `https://issuer.test|${tenantId}`,
      issuer: "https://issuer.test",
      subject: tenantId,
      tenantId,
    });
    const [full, empty] = [openBackend(), openBackend()];
    await withVariables({}, () => seed(full, "acme"));
    const before = await allRows(full);
    const eventId = await eventIdOf(full);
    for (const called of publicFunctions) {
      const [args] = callsOf(called, eventId);
      const context = `${called.name} ${JSON.stringify(args)}`;
      const unknown = await answer(full, called, args!, "acme");
      assertStringIncludes(unknown, "UNAUTHENTICATED", context);
      const posing = await answer(full, called, args!, "acme", of("other"));
      assertStringIncludes(posing, "PERMISSION_DENIED", context);
      assertEquals(
        await answer(full, called, args!, undefined, of("other")),
        await answer(empty, called, args!, undefined, of("other")),
        context,
      );
      const after = await allRows(full);
      for (const [id, row] of before) assertEquals(after.get(id), row, context);
    }
    const own = publicFunctions.find(({ name }) => name === "users:get")!;
    const profile = await answer(
      full,
      own,
      { userId: "ann" },
      undefined,
      of("acme"),
    );
    assertStringIncludes(profile, "blue");
    await Promise.all([full.engine.close(), empty.engine.close()]);
  }));

Deno.test("in access mode identity a request of erasure keeps the hash of who began it", () =>
  withVariables({ CORTEX_ACCESS_MODE: "identity" }, async () => {
    const backend = openBackend();
    const identity = { tokenIdentifier: "i|s", issuer: "i", subject: "s" };
    const args = { userId: "ann" };
    await backend.engine.run("mutation", "users:eraseUser", args, { identity });
    const [request] = await backend.rows("deletionRequests");
    assertEquals(request?.requestedBy, await sha256("i|s"));
    await backend.engine.close();
  }));

/** Every row by its `_id`, as text. */
async function allRows(backend: Backend): Promise<Map<string, string>> {
  const rows = await Promise.all(TABLES.map((table) => backend.rows(table)));
  return new Map(rows.flat().map((row) => [row._id, JSON.stringify(row)]));
}

async function eventIdOf(backend: Backend): Promise<string> {
  const [event] = await backend.rows("factHistory");
  return event!.eventId as string;
}

/** What a call gives or throws, without what differs from one engine to another. */
async function answer(
  { engine }: Backend,
  { name, kind }: PublicFunction,
  args: Args,
  tenantId: Tenant,
  identity: UserIdentity | null = null,
): Promise<string> {
  const whose = {
    now: NOW + 60_000,
    ...tenantId !== undefined && { tenantId },
  };
  const calls = args.calls as { args: Args }[] | undefined;
  const given = {
    ...whose,
    ...args,
    ...calls && {
      calls: calls.map((call) => ({
        ...call,
        args: { ...whose, ...call.args },
      })),
    },
  };
  try {
    const { value } = await engine.run(kind, name, given, { identity });
    return comparable(value);
  } catch (error) {
    // What the function itself says, and not that the case calls it wrongly.
    assert(
      !String(error).includes("ArgumentValidationError"),
      `${name}: ${error}`,
    );
    return comparable({ error: String(error) });
  }
}

function comparable(value: unknown): string {
  return JSON.stringify(
    value,
    (name, member) => name.startsWith("_") ? undefined : member,
  )?.replaceAll(/\b([a-z-]+)-\d+-[a-z0-9]{16}\b/g, "$1") ?? "";
}
