// A function for Deno Deploy. Run: CONVEX_URL=http://127.0.0.1:3210 deno serve -EN --host 127.0.0.1 --port 8000 examples/10_deno_deploy.ts
// `deno task serve` listens at that address.
import { Cortex, isCortexError, isValidationError } from "../mod.ts";

// An instance may end at any time, and its disk with it: what must last belongs on Convex, not in { path }.
const cortex = new Cortex({ convexUrl: Deno.env.get("CONVEX_URL")! });

/** Codes of what else a request can get wrong: its key, and the length of its text. */
const REFUSALS = [
  "INVALID_ARGUMENT",
  "IDEMPOTENCY_CONFLICT",
  "CONTENT_TOO_LARGE",
];

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
      // Such as a GET without `?q=`, or a key that came with another text before: the message names what is wrong.
      const isTheirs = isValidationError(error) ||
        isCortexError(error) && REFUSALS.includes(error.code);
      if (!isTheirs) throw error;
      return new Response(error.message, { status: 400 });
    }
  },
} satisfies Deno.ServeDefaultExport;
