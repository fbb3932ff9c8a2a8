// A fetch handler, as used on Deno Deploy and Cloudflare-style hosts. Run: deno run --allow-net=127.0.0.1 examples/05_fetch_handler.ts
import { Cortex } from "../mod.ts";

// In production: new Cortex({ convexUrl: "https://your-deployment.convex.cloud" }), because an instance may end at any time.
await using cortex = new Cortex();

async function handle(request: Request): Promise<Response> {
  const { user, message } = await request.json();
  const { context } = await cortex.memory.recall({
    memorySpaceId: user,
    query: message,
  });
  // Pass `context` to your LLM here; this example answers by itself.
  const answer = context
    ? "I remember something about that."
    : "That is new to me.";
  await cortex.memory.remember({
    memorySpaceId: user,
    conversationId: `chat-${user}`,
    userId: user,
    userName: user,
    agentId: "assistant",
    userMessage: message,
    agentResponse: answer,
  });
  return Response.json({ answer });
}

await using server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: () => {},
}, handle);
for (const message of ["My cat is called Biscuit.", "What is my cat called?"]) {
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, {
    method: "POST",
    body: JSON.stringify({ user: "ana", message }),
  });
  console.log((await response.json()).answer);
}
