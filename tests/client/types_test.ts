/** What the compiler makes of typed references: the cases are checked by it, and never run. */
import { assertEquals, assertRejects } from "@std/assert";
import type { ConvexHttpClient } from "convex/browser";
import type {
  ApiFromModules,
  FilterApi,
  FunctionArgs,
  FunctionReference,
  FunctionReference_future,
  FunctionReturnType,
  OptionalRestArgs,
  PaginationResult,
} from "convex/server";
import { anyApi, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { ClientError } from "../../src/errors.ts";
import type {
  BatchedQuery,
  CallOptions,
  CallRest,
  FunctionRef,
  ResultOf,
  TypedRef,
} from "../../src/client/mod.ts";
import type {
  EmbeddedCallOptions,
  EmbeddedEngine,
  FunctionName,
} from "../../src/embedded/mod.ts";
import type { Value } from "../../src/values/types.ts";

type Equal<One, Other> = (<T>() => T extends One ? 1 : 2) extends
  (<T>() => T extends Other ? 1 : 2) ? true : false;

function same<One, Other>(_: Equal<One, Other>): void {}

const list = queryGeneric({
  args: { paginationOpts: v.any(), of: v.optional(v.string()) },
  handler: (): Promise<PaginationResult<{ n: number }>> =>
    Promise.resolve({ page: [], isDone: true, continueCursor: "" }),
});
const listOf = queryGeneric({
  args: v.union(
    v.object({ paginationOpts: v.any(), of: v.string() }),
    v.object({ paginationOpts: v.any(), by: v.number() }),
  ),
  handler: (): Promise<PaginationResult<string>> =>
    Promise.resolve({ page: [], isDone: true, continueCursor: "" }),
});
const join = queryGeneric({
  args: { a: v.optional(v.string()), b: v.number() },
  handler: (_ctx, { a, b }) => `${a}${b}`,
});
const none = queryGeneric({ args: {}, handler: () => 5n });
const save = mutationGeneric({
  args: { b: v.number() },
  handler: (_ctx, { b }) => b,
});

const modules = { m: { list, listOf, join, none, save } };
type Api = FilterApi<
  ApiFromModules<typeof modules>,
  FunctionReference<"query" | "mutation", "public">
>;
interface Internal {
  secret: FunctionReference<"mutation", "internal", { id: string }, 7>;
  ofComponent: FunctionReference<
    "mutation",
    "internal",
    { n: number },
    number,
    "some"
  >;
}

export async function cases(
  client: AsyncConvexClient,
  { m }: Api,
  { secret, ofComponent }: Internal,
  kind: "query" | "mutation" | "action",
): Promise<void> {
  const text = await client.query(m.join, { b: 1 });
  same<typeof text, string>(true);
  same<typeof text, FunctionReturnType<typeof m.join>>(true);
  await client.query(m.join, { a: "x", b: 1 }, { timeoutMs: 5 });
  // @ts-expect-error: b is required
  await client.query(m.join, { a: "x" });
  // @ts-expect-error: b is a number
  await client.query(m.join, { b: "1" });
  // @ts-expect-error: there is no c
  await client.query(m.join, { b: 1, c: 2 });
  // @ts-expect-error: arguments are required
  await client.query(m.join);
  // @ts-expect-error: and where it is followed
  client.watch(m.join);
  // @ts-expect-error: a watch has no priority
  client.watch(m.join, { b: 1 }, { priority: 1 });
  same<Awaited<ReturnType<typeof client.query<typeof m.none>>>, bigint>(true);
  await client.query(m.none);
  await client.query(m.none, {}, { priority: 1 });
  const seven = await client.mutation(secret, { id: "x" });
  same<typeof seven, 7>(true);
  const sum = await client.mutation(ofComponent, { n: 1 });
  same<typeof sum, number>(true);
  const anything = await client.query(anyApi.a!.b!, { x: 1 });
  anything.whatever;
  await client.query("m:join");
  await client[kind as "query"]("m:join", { b: 1 }, { timeoutMs: 5 });
  await client.mutation(m.save, { b: 1 });
  // @ts-expect-error: a mutation is no query
  await client.query(m.save, { b: 1 });
  // @ts-expect-error: nor an action
  await client.action(m.save, { b: 1 });
  // @ts-expect-error: and cannot be followed
  client.watch(m.save, { b: 1 });
  // @ts-expect-error: a query is no mutation
  await client.mutation(m.join, { b: 1 });
  const both = await client.queryBatch([
    { ref: m.join, args: { b: 1 } },
    { ref: m.none },
  ]);
  same<typeof both, [string, bigint]>(true);
  // @ts-expect-error: arguments are required in a batch, too
  await client.queryBatch([{ ref: m.join }]);
  // @ts-expect-error: b is a number there, too
  await client.queryBatch([{ ref: m.join, args: { b: "1" } }]);
  // @ts-expect-error: a mutation is no query
  await client.queryBatch([{ ref: m.save, args: { b: 1 } }]);
  const many = await client.queryBatch(
    [1, 2].map((b) => ({ ref: m.join, args: { b } })),
  );
  same<typeof many, string[]>(true);
  const named = await client.queryBatch([{ ref: "m:join", args: { b: 1 } }]);
  same<typeof named, [Value]>(true);
  for await (const item of client.paginate(m.list, { of: "x" })) {
    same<typeof item, { n: number }>(true);
  }
  client.paginate(m.list);
  client.paginate(m.listOf, { of: "x" }, { pageSize: 5 });
  client.paginate(m.listOf, { by: 1 });
  // @ts-expect-error: a paginated query's own arguments are required
  client.paginate(m.listOf);
  // @ts-expect-error: and none is missing
  client.paginate(m.listOf, {});
  // @ts-expect-error: and there is no c
  client.paginate(m.list, { c: 2 });
  client.paginate("m:list", { anything: 1 });
  client.paginate(anyApi.a!.b!, { x: 1 });
  for await (const live of client.watch(m.join, { b: 1 })) {
    same<typeof live, string>(true);
  }
  client.onUpdate(m.join, { b: 1 }, (value) => same<typeof value, string>(true))
    .getCurrentValue()?.length;
}

/** What an application that calls `ConvexHttpClient` asks of it: ours fits. */
export const http: Pick<ConvexHttpClient, "query" | "mutation" | "action"> =
  new AsyncConvexClient("https://happy-animal-123.convex.cloud");

export async function genericCases<
  Query extends FunctionReference<"query"> | FunctionReference_future<"query">,
>(
  client: AsyncConvexClient,
  query: Query,
  args: FunctionArgs<Query>,
  future: FunctionReference_future<"query", "public", { a: string }, number>,
  ...rest: OptionalRestArgs<Query>
): Promise<FunctionReturnType<Query>> {
  const one = await client.query(future, { a: "x" });
  same<typeof one, number>(true);
  // @ts-expect-error: a is a string
  await client.query(future, { a: 1 });
  // @ts-expect-error: a query is no mutation
  await client.mutation(future, { a: "x" });
  for await (const live of client.watch(future, { a: "x" })) {
    same<typeof live, number>(true);
  }
  const [two] = await client.queryBatch([{ ref: future, args: { a: "x" } }]);
  same<typeof two, number>(true);
  await client.mutation("m:save", {}, { skipQueue: true });
  await client.query(query, args);
  return await client.query(query, ...rest);
}

function ask<Ref extends FunctionRef<unknown, unknown>>(
  client: AsyncConvexClient,
  ref: Ref,
  ...rest: CallRest<Ref, CallOptions>
): Promise<ResultOf<Ref>> {
  return client.query(ref, ...rest);
}

export function askByNameToo<Ref extends TypedRef<"query">>(
  client: AsyncConvexClient,
  ref: Ref | string,
  ...rest: CallRest<Ref, CallOptions>
): Promise<ResultOf<Ref>> {
  return client.query(ref, ...rest);
}

export function askAll<Ref extends TypedRef<"query">>(
  client: AsyncConvexClient,
  queries: BatchedQuery<Ref>[],
): Promise<ResultOf<Ref>[]> {
  return client.queryBatch(queries);
}

export function askEngine<Ref extends FunctionName>(
  engine: EmbeddedEngine,
  ref: Ref,
  ...rest: CallRest<Ref, EmbeddedCallOptions>
): Promise<ResultOf<Ref>> {
  return engine.query(ref, ...rest);
}

export async function wrapperCases(
  client: AsyncConvexClient,
  { m }: Api,
): Promise<void> {
  type Join = FunctionRef<{ b: number }, string>;
  const named = await client.query<Join>("m:join", { b: 1 });
  same<typeof named, string>(true);
  // @ts-expect-error: b is a number
  await client.query<Join>("m:join", { b: "1" });
  // @ts-expect-error: arguments are required
  await client.query<Join>("m:join");
  const text = await ask(client, m.join, { b: 1 }, { timeoutMs: 5 });
  same<typeof text, string>(true);
  await ask(client, m.none);
  // @ts-expect-error: arguments are required
  await ask(client, m.join);
  const queries: BatchedQuery[] = [{ ref: m.none }, { ref: "m:join" }];
  await client.queryBatch(queries);
}

export async function engineCases(
  engine: EmbeddedEngine,
  { m }: Api,
): Promise<void> {
  const text = await engine.query(m.join, { b: 1 }, { token: "t" });
  same<typeof text, string>(true);
  // @ts-expect-error: b is a number
  await engine.query(m.join, { b: "1" });
  // @ts-expect-error: arguments are required
  await engine.query(m.join);
  same<Awaited<ReturnType<typeof engine.query<typeof m.none>>>, bigint>(true);
  await engine.query(m.none);
  const plain = await engine.mutation("m:join", { b: 1 });
  same<typeof plain, Value>(true);
  const watch = engine.watch(m.join, { b: 1 });
  watch.subscribe((value) => same<typeof value, string>(true));
  for await (const live of watch) same<typeof live, string>(true);
}

Deno.test("a typed reference calls what its name calls", async () => {
  const asked: unknown[] = [];
  const call = (name: string, args: unknown) => asked.push([name, args]);
  const client = AsyncConvexClient.wrap({
    query: call,
    mutation: call,
    action: call,
  });
  await client.query(anyApi.m!.join!, { b: 1 });
  await client.query("m:join", { b: 1 });
  assertEquals(asked[0], asked[1]);
});

Deno.test("a part of the api that is no function is refused as such", async () => {
  const call = () => null;
  const client = AsyncConvexClient.wrap({
    query: call,
    mutation: call,
    action: call,
  });
  for (const part of [anyApi, anyApi.m] as never[]) {
    await assertRejects(() => client.query(part), ClientError, "ref must be");
    await assertRejects(
      () => client.queryBatch([{ ref: part }] as never),
      ClientError,
      "queries[0].ref must be",
    );
  }
});
