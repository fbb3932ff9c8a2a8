/**
 * What the front door exports of the client.
 *
 * @module
 */
export { AsyncConvexClient } from "./async_convex_client.ts";
export { httpSource } from "./http/http_source.ts";
export { LiveResults } from "./live/live_results.ts";
export { Paginated } from "./paginated.ts";
export type { AsyncConvexClientOptions } from "./async_convex_client.ts";
export type { ConvexCalls } from "./convex_calls.ts";
export type { CircuitBreakerOptions } from "./circuit_breaker.ts";
export type { CallReport, CallStart, ClientHooks } from "./client_hooks.ts";
export type { EmbeddedSourceOptions } from "./sources/embedded_source.ts";
export type { HttpSourceOptions } from "./http/http_source.ts";
export type { ModuleSourceOptions } from "./sources/module_source.ts";
export type { FetchPage, Page, PaginateOptions } from "./pages.ts";
export type { RetryOptions } from "./retry_policy.ts";
export type {
  ArgsOf,
  AuthSource,
  AuthTokenProvider,
  BatchedQuery,
  Call,
  CallContext,
  CallCost,
  CallOptions,
  CallRest,
  CallTrace,
  ClientSource,
  ClientStats,
  Connection,
  ConnectionCallOptions,
  ConnectionHooks,
  ConnectionState,
  ConnectionStats,
  ConvexClientLike,
  ExecutorKind,
  FunctionArgs,
  FunctionKind,
  FunctionRef,
  NamedRef,
  ObjectStorageLike,
  OnAuthChange,
  OrderLine,
  PageItemOf,
  PagesRest,
  QueryObserver,
  RefOf,
  ResultOf,
  RetryEvent,
  RetryMode,
  SignedRef,
  SyncConvexClient,
  TypedRef,
  Unsubscribe,
  WebSocketLike,
} from "./types.ts";
export type { JsonValue, Value } from "../values/types.ts";
