/**
 * Worker for workerd: runs the contract cases inside a request, those of store and engine once more inside a Durable
 * Object over its own database, and answers with the report.
 */
import {
  type DurableObjectStorageLike,
  openDurableObjectStore,
} from "../../src/store/durable_object_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { engineContract } from "../../src/testing/engine_contract.ts";
import { storeContract } from "../../src/testing/store_contract.ts";
import type { ContractCase, ContractReport } from "../../src/testing/types.ts";
import { runAll, runCases } from "../contracts/all.ts";
import { engineSubject } from "../contracts/engine.ts";
import { durableObjectCases } from "./durable_object_cases.ts";

/** A binding of a class of objects. */
interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(url: string): Promise<Response> };
}

/** Runs cases over the database of an object, emptied for each. */
export class CasesObject {
  readonly #storage: DurableObjectStorageLike;

  constructor({ storage }: { storage: DurableObjectStorageLike }) {
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

export default {
  async fetch(
    _request: Request,
    { CASES }: { CASES: Namespace },
  ): Promise<Response> {
    const object = CASES.get(CASES.idFromName("cases"));
    const inObject: ContractReport = await (await object.fetch("http://cases/"))
      .json();
    const outside = await runAll();
    return Response.json({
      passed: inObject.passed + outside.passed,
      failed: inObject.failed + outside.failed,
      failures: [...inObject.failures, ...outside.failures],
    });
  },
};
