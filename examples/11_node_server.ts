// A server on Node 22.18 or later, with its memories in a file. Run: node examples/11_node_server.ts
// It listens on port PORT, or 8000; the file is CORTEX_DB, or notes.db in the current directory.
import { createServer, type IncomingMessage } from "node:http";
import process from "node:process";
// On Node: import { Cortex } from "@cortex/memory";
import { Cortex, isValidationError } from "../mod.ts";

const cortex = new Cortex({ path: process.env.CORTEX_DB ?? "notes.db" });

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
    const { code, message } = error as Error & { code?: string };
    const isRefused = isValidationError(error) || code === "CONTENT_TOO_LARGE";
    answer(isRefused ? 400 : 500, { code, message });
  }
});

server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1");
// Requests that have begun are answered first.
process.once("SIGTERM", () => server.close(() => cortex.close()));
