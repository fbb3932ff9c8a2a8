/**
 * Worker for workerd: runs the contract cases inside a request, those of store and engine once more inside a Durable
 * Object over its own database, and answers with the report.
 */
import { assertEquals, assertMatch } from "@std/assert";
import example, { Memory } from "../../examples/13_durable_object.ts";
import {
  type DurableObjectStorageLike,
  openDurableObjectStore,
} from "../../src/store/durable_object_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { engineContract } from "../../src/testing/engine/contract.ts";
import { storeContract } from "../../src/testing/store/contract.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import type { ContractCase, ContractReport } from "../../src/testing/types.ts";
import { runAll } from "../contracts/all.ts";
import { runCases } from "../contracts/run_cases.ts";
import { engineSubject } from "../contracts/engine.ts";
import { durableObjectCases } from "./durable_object_cases.ts";
import { callShared, sharedClientCases } from "./shared_client.ts";

/** A binding of a class of objects. */
interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(url: string): Promise<Response> };
}

/** The object's storage, which it can also empty. */
type ClearableStorage = DurableObjectStorageLike & {
  deleteAll(): Promise<void>;
};

/** Runs cases over the database of an object, emptied for each. */
export class CasesObject {
  readonly #storage: ClearableStorage;

  constructor({ storage }: { storage: ClearableStorage }) {
    this.#storage = storage;
  }

  /** Runs every case that takes a store. */
  async fetch(): Promise<Response> {
    const open = () => openDurableObjectStore(this.#storage);
    const openEmpty = (): SyncStore => {
      this.#storage.sql.exec("DROP TABLE IF EXISTS cortex_kv");
      this.#storage.sql.exec("DROP TABLE IF EXISTS cortex_format");
      return open();
    };
    const cases: ContractCase<void>[] = [
      ...storeContract.filter(isOverOneStore).map(({ name, run }) => ({
        name,
        run: () => run({ open: openEmpty, reopen: open }),
      })),
      ...engineContract.filter(isOverOneStore).map(({ name, run }) => ({
        name,
        run: () => run(engineSubject(openEmpty)),
      })),
      ...durableObjectCases(this.#storage, openEmpty),
    ];
    return Response.json(await runCases({ "durable object": cases }));
  }
}

/** Two stores at once would need two objects. */
function isOverOneStore({ name }: { name: string }): boolean {
  return !/^two (stores|engines)/.test(name);
}

export { Memory };

/** `examples/13_durable_object.ts`, asked as its users ask it. */
function exampleCases(env: Parameters<typeof example.fetch>[1]) {
  const answer = (path: string, body?: string): Promise<Response> => {
    const request = new Request(`http://notes${path}`, {
      ...body !== undefined && { method: "POST", body },
    });
    return example.fetch(request, env);
  };
  const ask = async (path: string, body?: string): Promise<unknown> =>
    await (await answer(path, body)).json();
  return [{
    name: "examples/13_durable_object.ts keeps each customer's notes apart",
    async run() {
      const text = "The meter is behind the cellar door.";
      const { memoryId } = await ask("/mira", text) as { memoryId: string };
      assertMatch(memoryId, /^mem-/);
      assertEquals(await ask("/mira?q=Where is the meter"), [text]);
      assertEquals(await ask("/igor?q=Where is the meter"), []);
      const refused = await answer("/mira");
      assertEquals(refused.status, 400);
      assertMatch(await refused.text(), /query cannot be empty/);
    },
  }];
}

/** Another Worker, or this one. */
interface Service {
  fetch(url: string): Promise<Response>;
}

let memory: Cortex | undefined;

/** Sets a value in the memory of the whole module, and gives the one before. */
async function remembered(asked: URLSearchParams): Promise<Response> {
  memory ??= new Cortex();
  const before = await memory.mutable.get("requests", "last");
  await memory.mutable.set("requests", "last", asked.get("value"));
  return Response.json(before);
}

/** One after another; what the first asks of the event loop is lost when it ends, above all with Node's layer. */
function sharedMemoryCases(services: Record<string, Service>) {
  return Object.entries(services).map(([name, service]) => ({
    name: `requests share an embedded engine (${name})`,
    async run() {
      const seen: unknown[] = [];
      for (const value of ["a", "b", "c"]) {
        const url = `http://self/memory?value=${value}`;
        seen.push(await (await service.fetch(url)).json());
      }
      assertEquals(seen, [null, "a", "b"]);
    },
  }));
}

export default {
  async fetch(
    request: Request,
    { CASES, MEMORY, SELF, NODE }:
      & { CASES: Namespace; SELF: Service; NODE: Service }
      & Parameters<typeof example.fetch>[1],
  ): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/shared") return await callShared(request);
    if (pathname === "/memory") return await remembered(searchParams);
    const live = searchParams.get("live");
    const object = CASES.get(CASES.idFromName("cases"));
    const inObject: ContractReport = await (await object.fetch("http://cases/"))
      .json();
    const reports = [
      inObject,
      await runAll(live === null ? undefined : { url: live }),
      await runCases({
        example: exampleCases({ MEMORY }),
        "shared client": sharedClientCases(SELF),
        "shared memory": sharedMemoryCases({ SELF, NODE }),
      }),
    ];
    return Response.json({
      passed: reports.reduce((sum, { passed }) => sum + passed, 0),
      failed: reports.reduce((sum, { failed }) => sum + failed, 0),
      failures: reports.flatMap(({ failures }) => failures),
      again: reports.flatMap(({ again }) => again),
    });
  },
};
