/** Free-form metadata: comes back as given, or is refused. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex } from "../../cortex/cortex.ts";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  note,
  rejectionOf,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

const CREATE = {
  conversationId: "conv-1",
  memorySpaceId: "space",
  type: "user-agent" as const,
  participants: { userId: "ada", agentId: "helper" },
};

async function add(
  cortex: Cortex,
  id: string,
  metadata: Record<string, unknown>,
): Promise<void> {
  const message = { id, role: "user" as const, content: "Hello", metadata };
  await cortex.conversations.addMessage({ conversationId: "conv-1", message });
}

function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = { end: true };
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

/** Metadata that Convex would refuse, or that could be mistaken for something else. */
const ODD: readonly (() => Record<string, unknown>)[] = [
  () => ({ $set: { a: 1 }, _id: "x", größe: 2, "": 3 }),
  () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1}}'),
  () => JSON.parse('{"a":[{"__proto__":null,"toString":"x"}]}'),
  () => ({ $integer: "AQAAAAAAAAA=" }),
  () => ({ list: Array.from({ length: 9000 }, (_, at) => at) }),
  () =>
    Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i])),
  () => nested(14),
  () => nested(40),
  () => nested(60),
  () => nested(300),
  () => ({ half: "\ud800", nul: "\u0000", line: "\u2028" }),
  () => ({ big: 5n, not: NaN, zero: -0, bytes: new ArrayBuffer(2) }),
  () => ({ big: 5n, deep: nested(20) }),
  () => Object.assign(Object.create(null), { bare: true }),
];

/** Cases of free-form values. */
export const facadeFreeFormContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "odd metadata comes back as it was given, and pollutes nothing",
    async (cortex) => {
      await cortex.conversations.create(CREATE);
      for (const [at, make] of ODD.entries()) {
        await add(cortex, `m-${at}`, make());
      }
      const { messages } = (await cortex.conversations.get("conv-1"))!;
      assertEquals(messages.length, ODD.length);
      for (const [at, make] of ODD.entries()) {
        const { metadata } = messages[at]!;
        assertEquals({ ...metadata }, { ...make() }, `metadata ${at}`);
      }
      assertEquals(({} as { polluted?: unknown }).polluted, undefined);
    },
  ),
  cortexCase(
    "an odd value that a memory was made from comes back as it was given",
    async (cortex) => {
      for (const [at, make] of ODD.entries()) {
        const { memory } = await cortex.memory.store(
          "space",
          note({
            mutableRef: {
              namespace: "settings",
              key: `key-${at}`,
              snapshotValue: make(),
              snapshotAt: 1000,
            },
          }),
        );
        const found = await cortex.memory.get("space", memory.memoryId);
        for (const { mutableRef } of [memory, found!]) {
          const { snapshotValue, ...rest } = mutableRef!;
          assertEquals(
            { ...snapshotValue as object },
            { ...make() },
            `value ${at}`,
          );
          assertEquals(rest as object, {
            namespace: "settings",
            key: `key-${at}`,
            snapshotAt: 1000,
          });
        }
      }
    },
  ),
  cortexCase(
    "archiving a space keeps every member of its metadata, whatever its name",
    async ({ memorySpaces }) => {
      const metadata = (name: string) =>
        JSON.parse(
          `{"constructor":{"${name}":1},"deep":{"__proto__":{"${name}":2}}}`,
        );
      await memorySpaces.register({
        memorySpaceId: "space",
        type: "team",
        metadata: metadata("a"),
      });
      const archived = await memorySpaces.archive("space", {
        metadata: metadata("b"),
      });
      const { archivedAt: _, ...rest } = archived.metadata;
      assertEquals(
        JSON.stringify(rest),
        '{"constructor":{"a":1,"b":1},"deep":{"__proto__":{"a":2,"b":2}}}',
      );
      assertEquals(await memorySpaces.get("space"), archived);
    },
  ),
  cortexCase(
    "what is merged comes back as it was given, or the change is refused",
    async ({ users, memorySpaces }) => {
      const code = { $integer: "AQAAAAAAAAA=" };
      await users.update("ada", { code });
      const ada = await users.update("ada", { größe: 1 });
      assertEquals(ada.data, { code, größe: 1 });
      const onlyNative = { big: 5n, not: NaN };
      await users.update("bob", onlyNative);
      await assertCode(
        () => users.update("bob", { größe: 1 }),
        "INVALID_VALUE",
      );
      const bob = await users.update("bob", { plain: 1 });
      assertEquals([bob.data, bob.version], [{ ...onlyNative, plain: 1 }, 2]);
      await memorySpaces.register({
        memorySpaceId: "space",
        type: "team",
        metadata: onlyNative,
      });
      await assertCode(
        () => memorySpaces.archive("space", { metadata: { größe: 1 } }),
        "INVALID_VALUE",
      );
      const { metadata, status } = (await memorySpaces.get("space"))!;
      assertEquals([{ ...metadata }, status], [onlyNative, "active"]);
    },
  ),
  cortexCase(
    "numbers fit that take more bytes in a document than as JSON",
    async (cortex) => {
      const { mutable, immutable, users } = cortex;
      // 1.1 MB in a document, 0.24 MB of JSON.
      const row = Array.from({ length: 8000 }, (_, at) => at % 10);
      const grid = Array.from({ length: 15 }, () => row);
      await mutable.set("maps", "grid", grid);
      const [listed] = await mutable.list({ namespace: "maps" });
      assertEquals(JSON.stringify(listed?.value), JSON.stringify(grid));
      await immutable.store({ type: "user", id: "ada", data: { grid } });
      const { data, version } = await users.merge("ada", { name: "Ada" });
      assertEquals([version, data.name], [2, "Ada"]);
      const first = await users.getVersion("ada", 1);
      for (const kept of [data.grid, first?.data.grid]) {
        assertEquals(JSON.stringify(kept), JSON.stringify(grid));
      }
    },
  ),
  cortexCase(
    "metadata that nothing can hold is refused, and nothing is stored",
    async (cortex) => {
      await cortex.conversations.create(CREATE);
      const cycle: Record<string, unknown> = {};
      cycle.self = [cycle];
      for (
        const metadata of [
          cycle,
          nested(600),
          { when: new Date(NaN) },
          { map: new Map([[1, 2]]) },
          { größe: 1, big: 5n },
          { größe: 1, call: () => 1 },
          { big: 1n << 63n },
          { bytes: new Uint8Array(2) },
          { list: [undefined] },
        ]
      ) await assertCode(() => add(cortex, "m-1", metadata), "INVALID_VALUE");
      const found = await cortex.conversations.get("conv-1");
      assertEquals(found?.messages, []);
    },
  ),
  {
    name: "an error about metadata reveals nothing of other arguments",
    async run(subject) {
      const cycle: Record<string, unknown> = { secret: "s3cret" };
      cycle.self = cycle;
      for (
        const metadata of [
          cycle,
          { secret: "s3cret", call: () => 1 },
          { map: new Map([["secret", "s3cret"]]) },
        ]
      ) {
        // The first call of an instance copies its arguments while the module loads.
        await using cortex = subject.open();
        const error = await rejectionOf(() =>
          cortex.conversations.create({ ...CREATE, metadata })
        );
        assertEquals(error.code, "INVALID_VALUE");
        assert(!error.message.includes("s3cret"), error.message);
      }
    },
  },
  cortexCase(
    "metadata that holds itself in two places is refused, also by the first call of all",
    async (cortex) => {
      const metadata: Record<string, unknown> = {};
      Object.assign(metadata, { one: metadata, other: metadata });
      for (let call = 0; call < 2; call++) {
        await assertCode(
          () => cortex.conversations.create({ ...CREATE, metadata }),
          "INVALID_VALUE",
        );
      }
    },
  ),
  cortexCase(
    "what changes within the arguments after the call is not seen, also once the module is loaded",
    async ({ agents, facts }) => {
      const step = { of: "first" };
      const registering = agents.register({
        id: "helper",
        name: "Helper",
        metadata: { steps: [1, step] },
      });
      step.of = "second";
      assertEquals((await registering).metadata, {
        steps: [1, { of: "first" }],
      });
      const config = { limits: { turns: 5 } };
      const configuring = agents.configure("helper", config);
      config.limits.turns = 6;
      await configuring;
      assertEquals((await agents.get("helper"))?.config, {
        limits: { turns: 5 },
      });
      const params = {
        memorySpaceId: "space",
        fact: { fact: "Mia likes tea", confidence: 80, tags: ["tea"] },
      };
      const revising = facts.revise(params);
      params.fact.fact = "Mia likes coffee";
      params.fact.tags.push("coffee");
      const { fact } = await revising;
      assertEquals([fact.fact, fact.tags], ["Mia likes tea", ["tea"]]);
    },
  ),
  {
    name:
      "exportAll() yields the tenant's rows that it was called for, whatever the options become",
    async run(subject) {
      const [one, two] = subject.openTwo(
        {},
        { auth: { userId: "me", tenantId: "a" } },
      );
      await using _one = one;
      await using _two = two;
      await two.users.update("ada", { displayName: "Ada" });
      const options = { tenantId: "a" };
      const exports = [
        one.exportAll(options),
        one.users.exportAll("ada", options),
      ];
      options.tenantId = "b";
      for (const lines of exports) {
        let text = "";
        for await (const line of lines) text += line;
        assert(text.includes('"displayName":"Ada"'), text);
      }
    },
  },
  cortexCase(
    "users.importAll() reads an object that is nothing but iterable, also by the first call of all",
    async ({ users }) => {
      const source = {
        async *[Symbol.asyncIterator]() {
          yield "[";
          yield "]";
        },
      };
      for (let call = 0; call < 2; call++) {
        assertEquals((await users.importAll(source)).complete, true);
      }
    },
  ),
];
