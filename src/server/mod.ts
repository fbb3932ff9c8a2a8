/**
 * An engine behind Convex's own HTTP API and WebSocket sync protocol: Convex's clients talk to it unmodified.
 *
 * {@link createConvexServer} creates the server; the handlers for Deno, Bun, Node and workerd are thin adapters, and
 * another host needs only `handle`, `wantsSync` and `connect`. The server itself does not listen.
 *
 * ```ts ignore -- needs your functions, and would listen
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, denoHandler } from "@cortex/memory/server";
 * import * as tasks from "./convex/tasks.ts";
 *
 * const server = createConvexServer(openEngine({ modules: { "tasks.ts": tasks } }));
 * Deno.serve({ port: 3210, hostname: "127.0.0.1" }, denoHandler(server));
 * ```
 *
 * @module
 */
export type {
  CallOutcome,
  CallSettings,
  ChangeGate,
  ChangesPage,
  Engine,
  EngineCallOptions,
  EngineCapabilities,
  ExportedDocument,
  FileGate,
  FunctionArgs,
  FunctionType,
  ImportedData,
  ImportedFile,
  ImportedTable,
  Includes,
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
  PageJournal,
  PublicJwk,
  RequestFacts,
  ServedFile,
  SessionRequest,
  SnapshotPage,
  UserIdentity,
  Watch,
} from "../engine/engine.ts";
export type { Value } from "../values/types.ts";
export type { AuthConfig, AuthProvider } from "./auth/auth_config.ts";
export { AuthFault } from "./auth/callers.ts";
export {
  DeploymentAdmin,
  type DeploymentAdminOptions,
  type PushTaker,
} from "./deployment_admin.ts";
export type { DeploymentEnvironment } from "./admin/environment_routes.ts";
export type {
  EnvironmentChange,
  EnvironmentVariable,
} from "./admin/environment_changes.ts";
export type { VerifiedToken, VerifyToken } from "./auth/callers.ts";
export {
  type ConvexServer,
  createConvexServer,
  type SyncClient,
} from "./server.ts";
export type { ServedEngine } from "./served_engine.ts";
export type { ConvexServerOptions } from "./server_options.ts";
export type { SyncConnection } from "./sync/sync_connection.ts";
export type { SyncSocket } from "./sync/sync_services.ts";
export type { SyncLimits } from "./sync/sync_limits.ts";
export type { SyncOrigin } from "./sync/sync_requests.ts";
export type { Handle, RequestOrigin } from "./handler.ts";
export { HttpFault } from "./http/http_fault.ts";
export type { NodeRequest, NodeResponse } from "./hosts/node_http.ts";
export {
  type BunHandlers,
  bunHandlers,
  type BunOutbox,
  type BunServer,
  type BunSocket,
  type BunSocketData,
} from "./hosts/serve_bun.ts";
export { denoHandler } from "./hosts/serve_deno.ts";
export {
  type NodeServer,
  type NodeSocket,
  serveNode,
  type WsServer,
  type WsSocket,
} from "./hosts/serve_node.ts";
export { workerdHandler } from "./hosts/serve_workerd.ts";
export { jwtVerifier, type JwtVerifierOptions } from "./auth/verify_jwt.ts";
export { serveWebSocket, type StandardWebSocket } from "./hosts/web_socket.ts";
