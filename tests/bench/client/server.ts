/**
 * The bench's deployment, in a process of its own: the engine's server of Convex's protocols, whose answers over HTTP
 * take so many ms longer. Large results over HTTP come from texts that were made before, so that the server does not
 * take the processor from the clients. Prints its address; ends with its standard input.
 *
 * Usage: `server.ts DELAY_MS`
 */
import {
  defineSchema,
  defineTable,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../../src/engine/engine.ts";
import { denoHandler } from "../../../src/server/hosts/serve_deno.ts";
import { createConvexServer } from "../../../src/server/server.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { stringifyValue } from "../../../src/values/json.ts";
import type { Value } from "../../../src/values/types.ts";

const schema = defineSchema({ notes: defineTable({ text: v.string() }) });

/** Results of about so many bytes, by their form. */
const forms: { [form: string]: (bytes: number) => Value } = {
  bytes: (bytes) => new Uint8Array(bytes).fill(7).buffer,
  // Embeddings, of some 19 characters a number.
  numbers: (bytes) =>
    Array.from(
      { length: Math.max(1, Math.round(bytes / 19 / 1536)) },
      () => Array.from({ length: 1536 }, () => Math.random() - 0.5),
    ),
  objects: (bytes) => {
    const length = Math.min(8000, Math.ceil(bytes / 256));
    const text = "x".repeat(bytes / length - 96);
    return Array.from(
      { length },
      (_, id) => ({ id, name: `note ${id}`, tags: ["one", "two"], text }),
    );
  },
};
const results = new Map<string, Value>();
const texts = new Map<string, string>();
const bodies = new Map<string, Uint8Array<ArrayBuffer>>();

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  let found = cache.get(key);
  if (found === undefined) cache.set(key, found = make());
  return found;
}
function result(form: string, bytes: number): Value {
  return cached(results, `${form} ${bytes}`, () => forms[form]!(bytes));
}

const large = (form: string) =>
  queryGeneric({
    args: { bytes: v.number(), id: v.number() },
    handler: (_ctx, { bytes }) => result(form, bytes),
  });
const engine = openEngine({
  schema: schema as unknown as { export(): string },
  modules: {
    bench: {
      small: queryGeneric({
        args: { id: v.number() },
        handler: (_ctx, { id }) => ({ id, name: `note ${id}` }),
      }),
      bytes: large("bytes"),
      numbers: large("numbers"),
      objects: large("objects"),
      write: mutationGeneric({
        args: { text: v.string() },
        handler: async (ctx, note) => await ctx.db.insert("notes", note),
      }),
    },
  },
  store: openMemoryStore(),
});

interface LargeCall {
  path: string;
  args: [{ bytes?: number }];
}

/** The answer to a query whose result is large, as text; `undefined` for any other. */
function largeAnswer(
  { path, args: [{ bytes }] }: LargeCall,
): string | undefined {
  if (bytes === undefined) return undefined;
  const form = path.split(":")[1]!;
  return cached(
    texts,
    `${form} ${bytes}`,
    () => `{"status":"success","value":${stringifyValue(result(form, bytes))}}`,
  );
}

async function answerLarge(request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/api/query")) return undefined;
  const body = await request.clone().json();
  const calls: LargeCall[] = body.queries ?? [body];
  const answers = calls.map(largeAnswer);
  if (answers.includes(undefined)) return undefined;
  const key = [pathname, ...calls.map((call) => call.path + call.args[0].bytes)]
    .join(" ");
  const bytes = cached(bodies, key, () =>
    new TextEncoder().encode(
      body.queries ? `{"results":[${answers.join(",")}]}` : answers[0],
    ));
  return new Response(bytes, {
    headers: { "content-type": "application/json" },
  });
}

const delayMs = Number(Deno.args[0]);
const server = createConvexServer(engine);
const http = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => {} },
  denoHandler({
    ...server,
    async handle(request) {
      const response = await answerLarge(request) ??
        await server.handle(request);
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      return response;
    },
  }),
);
console.log(`http://127.0.0.1:${http.addr.port}`);
for await (const _ of Deno.stdin.readable);
Deno.exit();
