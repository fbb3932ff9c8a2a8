// A handler for Cloudflare-style hosts, with Convex behind it. Run: npx wrangler dev examples/12_edge_handler.ts
// It needs an address: add --var CONVEX_URL:http://127.0.0.1:3210, where `deno task serve` listens.
import { Cortex, isValidationError } from "../mod.ts";

interface Env {
  /** Address of the deployment. */
  CONVEX_URL: string;
  /** Secret of a deployment in access mode `key`. */
  CORTEX_ACCESS_KEY?: string;
}

async function notes(request: Request, env: Env): Promise<Response> {
  // Opens nothing before the first call and holds nothing after the last, so one per request is cheap.
  const cortex = new Cortex({
    convexUrl: env.CONVEX_URL,
    accessKey: env.CORTEX_ACCESS_KEY,
  });
  const { searchParams, pathname } = new URL(request.url);
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
  });
  return Response.json({ memoryId: memory.memoryId }, { status: 201 });
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      return await notes(request, env);
    } catch (error) {
      // Such as a GET without `?q=`: the message names what is wrong.
      if (!isValidationError(error)) throw error;
      return new Response(error.message, { status: 400 });
    }
  },
};
