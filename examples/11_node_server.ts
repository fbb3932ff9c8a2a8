// A server on Node, with its memories in a file beside it. Run: deno run -A examples/11_node_server.ts
import { createServer, type IncomingMessage } from "node:http";
import process from "node:process";
// On Node: import { Cortex } from "@cortex/memory";
import { Cortex } from "../mod.ts";

const cortex = new Cortex({ path: process.env.CORTEX_DB });

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) text += piece;
  return text;
}

const server = createServer(async (request, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify(body));
  try {
    const { pathname, searchParams } = new URL(request.url!, "http://host");
    const memorySpaceId = pathname.slice(1) || "default";
    if (request.method === "GET") {
      const query = searchParams.get("q") ?? "";
      const { items } = await cortex.memory.recall({ memorySpaceId, query });
      return answer(200, items.map(({ content }) => content));
    }
    const { memory } = await cortex.memory.store(memorySpaceId, {
      content: await textOf(request),
      contentType: "raw",
      source: { type: "system" },
      metadata: { importance: 50, tags: [] },
    });
    answer(201, { memoryId: memory.memoryId });
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    answer(name.endsWith("ValidationError") ? 400 : 500, { code, message });
  }
});

server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  cortex.close();
});
