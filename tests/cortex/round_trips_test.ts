import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { AgentsAPI } from "../../src/cortex/agents/agents_api.ts";
import { ConversationsAPI } from "../../src/cortex/conversations/conversations_api.ts";
import { FactsAPI } from "../../src/cortex/facts/facts_api.ts";
import { ImmutableAPI } from "../../src/cortex/immutable/immutable_api.ts";
import { MemoryAPI } from "../../src/cortex/memory/memory_api.ts";
import { MemorySpacesAPI } from "../../src/cortex/memory_spaces/memory_spaces_api.ts";
import { MutableAPI } from "../../src/cortex/mutable/mutable_api.ts";
import { UsersAPI } from "../../src/cortex/users/users_api.ts";
import { VectorAPI } from "../../src/cortex/vector/vector_api.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { furnish, roundTrips } from "../bench/facade/round_trips.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";

const apis = {
  memory: MemoryAPI,
  vector: VectorAPI,
  conversations: ConversationsAPI,
  facts: FactsAPI,
  immutable: ImmutableAPI,
  mutable: MutableAPI,
  memorySpaces: MemorySpacesAPI,
  users: UsersAPI,
  agents: AgentsAPI,
};
/** Methods that ask nothing of the backend. */
const localMethods = [
  "facts.configureBeliefRevision",
  "facts.hasBeliefRevision",
];

function methodsOf(api: { prototype: object }): Set<string> {
  const names = new Set<string>();
  for (
    let prototype = api.prototype;
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name !== "constructor") names.add(name);
    }
  }
  return names;
}

Deno.test("the table of round trips lists each method of the facade", () => {
  const listed = new Set(roundTrips.map(([method]) => method));
  const all = Object.entries(apis).flatMap(([module, api]) =>
    [...methodsOf(api)].map((name) => `${module}.${name}`)
  );
  assertEquals(
    all.filter((method) =>
      !listed.has(method) && !localMethods.includes(method)
    ),
    [],
  );
});

Deno.test("each method of the facade takes the requests that the table says, over HTTP", async () => {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  await using server = await startLoopbackServer(
    createConvexServer(engine).handle,
  );
  await using cortex = new Cortex({ convexUrl: server.url });
  const made = await furnish(cortex);
  const different: string[] = [];
  for (const [method, most, call] of roundTrips) {
    server.reset();
    await call(cortex, made);
    const { requests } = server;
    assert(requests > 0, method);
    if (requests > most) different.push(`${method}: ${requests}, not ${most}`);
  }
  assertEquals(different, []);
  await engine.close();
});
