/** What functions say to arguments of the right type that make no sense: a code, for Convex hides other errors' texts. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Backend, fact, openBackend, SPACE } from "./backend.ts";
import {
  callsOf,
  type PublicFunction,
  publicFunctions,
  seed,
} from "./tenant_calls.ts";

/** Texts that no step gives. */
const CURSORS = ["zebra", "", "null", "7", '{"at":7}', '["zebra"]'];
const NUMBERS = [NaN, Infinity, -1, 0.5];
/** The caller's clock, which is his to set. */
const CLOCK = "now";

/** What to give for an argument instead. */
function oddOnes(name: string, type: string): unknown[] {
  if (name === "cursor") return CURSORS;
  if (name.endsWith("Json")) return ["zebra", ""];
  return type === "number" && name !== CLOCK ? NUMBERS : [];
}

Deno.test("an argument that makes no sense is refused by code, or does no harm", async () => {
  const backend = openBackend();
  try {
    await seed(backend, undefined);
    const said: string[] = [];
    for (const called of publicFunctions) {
      const [args] = callsOf(called, "fh-1");
      for (const [name, { fieldType }] of Object.entries(called.args)) {
        for (const odd of oddOnes(name, fieldType.type)) {
          const text = await answer(backend, called, { ...args, [name]: odd });
          said.push(`${called.name}, ${name} ${odd}: ${text}`);
        }
      }
    }
    // No number is over every bound, and under none.
    for (
      const [name, code] of [
        ["conversations:deleteMany, confirmationThreshold", "DELETE_MANY_"],
        ["factHistory:purgeOldEvents, olderThan", "INVALID_TIMESTAMP"],
        ["factHistory:logEvent, confidence", "INVALID_CONFIDENCE"],
        ["facts:store, validFrom", "INVALID_VALIDITY_PERIOD"],
        ["facts:updateInPlace, validUntil", "INVALID_VALIDITY_PERIOD"],
      ]
    ) assert(said.some((text) => text.startsWith(`${name} NaN: ${code}`)));
    assert(said.length > 300);
    assertEquals(said.filter((text) => !/: (done|[A-Z_]+)$/.test(text)), []);
  } finally {
    await backend.engine.close();
  }
});

Deno.test("a new fact whose validity ends before it begins is refused, not one that has ended", async () => {
  const backend = openBackend();
  try {
    const store = async (factId: string, validity: Record<string, number>) => {
      try {
        await backend.mutation("facts:store", {
          ...fact(factId, validity),
          memorySpaceId: SPACE,
          sourceType: "manual",
        });
        return "stored";
      } catch (error) {
        return String((error as { data?: unknown }).data).split(":")[0];
      }
    };
    const code = "INVALID_VALIDITY_PERIOD";
    assertEquals(await store("a", { validFrom: 2, validUntil: 1 }), code);
    assertEquals(await store("b", { validFrom: 2, validUntil: 2 }), code);
    assertEquals(await store("c", { validFrom: 1, validUntil: 2 }), "stored");
    assertEquals(await store("d", { validUntil: 1 }), "stored");
  } finally {
    await backend.engine.close();
  }
});

Deno.test("a record without data, a purge without a filter and an amount that is no number are refused, and change nothing", async () => {
  const backend = openBackend();
  try {
    const user = { userId: "ada", data: { displayName: "Ada" } };
    const value = { namespace: "stock", key: "pens" };
    await backend.mutation("users:update", user);
    await backend.mutation("mutable:set", { ...value, value: 5 });
    const add = { op: "increment", ...value, amount: NaN };
    const shown = { id: "eve", version: 1, createdAt: 1, updatedAt: 1 };
    const lines = [JSON.stringify({ table: "immutable", shown })];
    for (
      const [name, args, code] of [
        ["users:update", { userId: "ada" }, "MISSING_REQUIRED_FIELD"],
        [
          "users:updateProfiles",
          { userIds: ["ada"] },
          "MISSING_REQUIRED_FIELD",
        ],
        ["immutable:store", { type: "t", id: "i" }, "MISSING_REQUIRED_FIELD"],
        ["immutable:purgeMany", {}, "MISSING_REQUIRED_FIELD"],
        ["transfer:load", { lines }, "INVALID_LINE"],
        ...["a few", "5", "", true, [], {}].map((operand) =>
          [
            "mutable:update",
            { ...value, operation: "increment", operand },
            "INVALID_RANGE",
          ] as const
        ),
        ["mutable:transaction", { operations: [add] }, "INVALID_RANGE"],
      ] as const
    ) {
      const error = await assertRejects(() => backend.mutation(name, args));
      const { data } = error as { data?: unknown };
      assertEquals(String(data).split(":")[0], code, name);
    }
    const [record, ...others] = await backend.rows("immutable");
    assertEquals([record?.data, record?.version], [user.data, 1]);
    assertEquals(others, []);
    assertEquals((await backend.rows("mutable"))[0]?.value, 5);
    // An older version stored records without data, and exported them.
    const { data: _, _id: __, _creationTime: ___, ...row } = record!;
    const bare = { ...row, id: "bare" };
    const line = JSON.stringify({ table: "immutable", row: bare });
    await backend.mutation("transfer:load", { lines: [line] });
    const { matched } = await backend.query<{ matched: number }>("users:page", {
      displayName: "a",
    });
    assertEquals(matched, 1);
  } finally {
    await backend.engine.close();
  }
});

Deno.test("a participant beyond the 8,192 that a space can have is refused by name", async () => {
  const backend = openBackend();
  try {
    const space = { memorySpaceId: "full" };
    const named = (id: string) => ({ id, type: "user", joinedAt: 1 });
    await backend.mutation("memorySpaces:register", {
      ...space,
      type: "team",
      participants: Array.from({ length: 8192 }, (_, at) => named(`p-${at}`)),
    });
    const error = await assertRejects(() =>
      backend.mutation("memorySpaces:addParticipant", {
        ...space,
        participant: named("one more"),
      })
    );
    assertEquals(
      (error as { data?: unknown }).data,
      "LIMIT_EXCEEDED: participants has 8193 items, at most 8192 are allowed",
    );
  } finally {
    await backend.engine.close();
  }
});

Deno.test("a participant's id and a reason that no document holds are refused by code, and change nothing", async () => {
  const backend = openBackend();
  try {
    const space = { memorySpaceId: "s" };
    const long = "x".repeat(1_100_000);
    const participant = { id: long, type: "user", joinedAt: 1 };
    await backend.mutation("memorySpaces:register", {
      ...space,
      type: "team",
      participants: [],
    });
    for (
      const [name, args] of [
        ["addParticipant", { participant }],
        ["updateParticipants", { add: [participant] }],
        ["deleteSpace", { cascade: true, reason: long }],
      ] as const
    ) {
      const error = await assertRejects(() =>
        backend.mutation(`memorySpaces:${name}`, { ...space, ...args })
      );
      const { data } = error as { data?: unknown };
      assertEquals(String(data).split(":")[0], "CONTENT_TOO_LARGE", name);
    }
    const [row] = await backend.rows("memorySpaces");
    assertEquals([row?.participants, row?.deletingSince], [[], undefined]);
  } finally {
    await backend.engine.close();
  }
});

async function answer(
  { engine }: Backend,
  { name, kind }: PublicFunction,
  args: Record<string, unknown>,
): Promise<string> {
  try {
    await engine.run(kind, name, args, {});
    return "done";
  } catch (error) {
    const { data } = error as { data?: unknown };
    return typeof data === "string" ? data.split(":")[0]! : String(error);
  }
}
