/**
 * An engine that runs unmodified Convex functions in this process, in memory or on a SQLite file: schema, indexes,
 * transactions, text and vector search, live queries, scheduled functions, cron jobs, files, HTTP actions and
 * components.
 *
 * ```ts ignore -- needs your functions
 * import { openEngine } from "@cortex/memory/embedded";
 * import schema from "./convex/schema.ts";
 * import * as tasks from "./convex/tasks.ts";
 *
 * await using engine = openEngine({
 *   schema,
 *   modules: { "tasks.ts": tasks },
 *   store: "./app.db",
 * });
 * await engine.mutation("tasks:add", { text: "water the plants" });
 * ```
 *
 * @module
 */
export { openEngine } from "./open_engine.ts";
export type { EmbeddedEngine, FunctionName } from "./open_engine.ts";
export type {
  Authenticate,
  EmbeddedCallOptions,
  EmbeddedOptions,
} from "./engine_options.ts";
export type { Clock } from "./host_clock.ts";
export type { ArgsOf, CallRest, ResultOf, SignedRef } from "../client/types.ts";
export type {
  CallOutcome,
  CallSettings,
  ChangeGate,
  ChangesPage,
  Engine,
  EngineCallOptions,
  EngineCapabilities,
  EngineComponent,
  EngineLimits,
  Execution,
  ExportedDocument,
  FileGate,
  FunctionArgs,
  FunctionModules,
  FunctionType,
  ImportedData,
  ImportedFile,
  ImportedTable,
  Includes,
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
  ModuleExports,
  PageJournal,
  PublicJwk,
  RequestFacts,
  SchemaLike,
  ServedFile,
  ServiceAccess,
  SessionRequest,
  SnapshotPage,
  Timers,
  TransactionLimits,
  UserIdentity,
  Watch,
} from "../engine/engine.ts";
export { openDurableObjectStore } from "../store/durable_object_store.ts";
export type { DurableObjectStorageLike } from "../store/durable_object_store.ts";
export { openMemoryStore } from "../store/memory_store.ts";
export type { Durability } from "../store/sqlite_open.ts";
export { openSqliteStore } from "../store/sqlite_store.ts";
export type {
  StoreCapabilities,
  StoreEntry,
  StoreOp,
  StorePage,
  StoreRange,
  SyncStore,
} from "../store/types.ts";
export type { Value } from "../values/types.ts";
