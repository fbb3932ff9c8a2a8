// A function for Deno Deploy. Run: CONVEX_URL=http://127.0.0.1:3210 deno serve -EN --host 127.0.0.1 --port 8000 examples/10_deno_deploy.ts
// `deno task serve` listens at that address.
import { Cortex, isValidationError } from "../mod.ts";

// An instance may end at any time, and its disk with it: what must last belongs on Convex, not in { path }.
const cortex = new Cortex({ convexUrl: Deno.env.get("CONVEX_URL")! });

async function notes(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const memorySpaceId = pathname.slice(1) || "default";
  if (request.method === "GET") {
    const query = searchParams.get("q") ?? "";
    const { items } = await cortex.memory.recall({ memorySpaceId, query });
    return Response.json(items.map(({ content }) => content));
  }
  const { memory } = await cortex.memory.store(memorySpaceId, {
    content: await request.text(),
    contentType: "raw",
    source: { type: "system" },
    metadata: { importance: 50, tags: [] },
  }, {
    // If the client is unsure whether a message arrived and sends it again, it is still stored once.
    idempotencyKey: request.headers.get("idempotency-key") ?? undefined,
    timeoutMs: 10_000,
  });
  return Response.json({ memoryId: memory.memoryId }, { status: 201 });
}

export default {
  async fetch(request) {
    try {
      return await notes(request);
    } catch (error) {
      // Such as a GET without `?q=`: the message names what is wrong.
      if (!isValidationError(error)) throw error;
      return new Response(error.message, { status: 400 });
    }
  },
} satisfies Deno.ServeDefaultExport;
