import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { engineContract } from "../../src/testing/engine/contract.ts";
import type { EngineSubject } from "../../src/testing/engine/subject.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { counter, modules } from "../fixtures/engine_backend/backend.ts";
import schema, {
  nextSchema,
  stricterSchema,
} from "../fixtures/engine_backend/schema.ts";
import { hasSqlite } from "../support/host_files.ts";

/** What the engine's cases need, over stores that are opened so. */
export function engineSubject(openStore: () => SyncStore): EngineSubject {
  return {
    openStore,
    modules,
    schemas: { current: schema, next: nextSchema, stricter: stricterSchema },
    open: (options) =>
      openEngine({
        schema,
        modules,
        components: { counter },
        store: options?.store ?? openStore(),
        ...options,
      }),
  };
}

function bind(
  driver: string,
  openStore: () => SyncStore,
): ContractCase<void>[] {
  return engineContract.map(({ name, run }) => ({
    name: `${name} (${driver})`,
    run: () => run(engineSubject(openStore)),
  }));
}

const openSqlite = () => openSqliteStore({ path: ":memory:" });

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [
  ...bind("memory", openMemoryStore),
  ...hasSqlite() ? bind("sqlite", openSqlite) : [],
];
