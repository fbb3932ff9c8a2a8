/**
 * The bench's deployment, in a process of its own: the engine's server of Convex's protocols, whose answers over HTTP
 * take so many ms longer. Prints its address; ends with its standard input.
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
import { denoHandler } from "../../../src/server/serve_deno.ts";
import { createConvexServer } from "../../../src/server/server.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";

const schema = defineSchema({ notes: defineTable({ text: v.string() }) });
const results = new Map<string, unknown>();

/** A result of about so many bytes; made once. */
function result(form: string, bytes: number): unknown {
  const key = `${form} ${bytes}`;
  if (!results.has(key)) {
    results.set(
      key,
      form === "bytes"
        ? new Uint8Array(bytes).fill(7).buffer
        : form === "numbers"
        ? Array.from({ length: Math.min(8000, bytes / 18) }, () =>
          Math.random())
        : Array.from({ length: Math.min(8000, bytes / 128) }, (_, id) => ({
          id,
          name: `note ${id}`,
          tags: ["one", "two"],
          text: "x".repeat(
            Math.max(16, bytes / Math.min(8000, bytes / 128) - 96),
          ),
        })),
    );
  }
  return results.get(key);
}

const engine = openEngine({
  schema: schema as unknown as { export(): string },
  modules: {
    bench: {
      small: queryGeneric({
        args: { id: v.number() },
        handler: (_ctx, { id }) => ({ id, name: `note ${id}` }),
      }),
      large: queryGeneric({
        args: { form: v.string(), bytes: v.number(), id: v.number() },
        handler: (_ctx, { form, bytes }) => result(form, bytes),
      }),
      write: mutationGeneric({
        args: { text: v.string() },
        handler: async (ctx, note) => await ctx.db.insert("notes", note),
      }),
    },
  },
  store: openMemoryStore(),
});
const delayMs = Number(Deno.args[0]);
const server = createConvexServer(engine);
const http = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => {} },
  denoHandler({
    ...server,
    async handle(request) {
      const response = await server.handle(request);
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      return response;
    },
  }),
);
console.log(`http://127.0.0.1:${http.addr.port}`);
for await (const _ of Deno.stdin.readable);
Deno.exit();
