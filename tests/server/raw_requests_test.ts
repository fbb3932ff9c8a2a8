/** Requests that no client of HTTP makes, byte by byte. */
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type ConvexServer,
  createConvexServer,
  denoHandler,
  type NodeServer,
  serveNode,
} from "../../src/server/mod.ts";
import { openSyncEngine } from "../support/sync_case.ts";

/** Asks for a WebSocket, beside the header `Connection`. */
const ASKING = [
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
] as const;

/** Sends a head, and gives what comes back. The own half of the connection stays open. */
async function send(
  port: number,
  ...lines: string[]
): Promise<{ text: string; socket: Socket }> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
  }
  return { text, socket };
}

/** Serves on Deno, and as on Node; upgrades nothing there. */
async function serving(
  test: (port: number, connections: () => Promise<number>) => Promise<void>,
  kinds: readonly ("deno" | "node")[],
): Promise<void> {
  const engine = openSyncEngine();
  const server = createConvexServer(engine);
  if (kinds.includes("deno")) await onDeno(server, test);
  if (kinds.includes("node")) {
    const http = createServer();
    const refused = { handleUpgrade: () => {} };
    serveNode(server, http as unknown as NodeServer, refused);
    await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
    await test(
      (http.address() as AddressInfo).port,
      () =>
        new Promise((give) => http.getConnections((_, count) => give(count))),
    );
    http.closeAllConnections();
    await new Promise<unknown>((done) => http.close(done));
  }
  await engine.close();
}

async function onDeno(
  server: ConvexServer,
  test: (port: number, connections: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const deno = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    denoHandler(server),
  );
  await test(deno.addr.port, () => Promise.resolve(0));
  await deno.shutdown();
}

Deno.test("a Host header makes no other path of a request's own", async () => {
  await serving(async (port) => {
    for (const end of ["/version?", "/version#", "@other/version?", "\\x"]) {
      const { text, socket } = await send(
        port,
        "GET /api/anything HTTP/1.1",
        `Host: 127.0.0.1${end}`,
        "Connection: close",
      );
      socket.destroy();
      assertStringIncludes(text, "400 Bad Request");
      assertStringIncludes(text, '"code":"BadHost"');
    }
  }, ["deno", "node"]);
});

Deno.test("nor is it upgraded by one; what names no host at all is refused as well", async () => {
  await serving(async (port) => {
    for (const host of ["127.0.0.1/api/sync?", "a b", "[::", "%zz"]) {
      for (const path of ["/api/anything", "/api/sync"]) {
        const { text, socket } = await send(
          port,
          `GET ${path} HTTP/1.1`,
          `Host: ${host}`,
          "Connection: Upgrade, close",
          ...ASKING,
        );
        socket.destroy();
        assertStringIncludes(text, "400 Bad Request");
        assertStringIncludes(text, '"code":"BadHost"');
      }
    }
  }, ["deno"]);
});

Deno.test("half a request for a WebSocket is refused, and is no error of the server's", async () => {
  // Deno writes what its handlers throw to the log.
  const written: unknown[][] = [];
  const { error } = console;
  console.error = (...parts) => written.push(parts);
  try {
    await serving(async (port) => {
      const [upgrade, key] = ASKING;
      for (
        const lines of [
          ["Connection: Upgrade, close", upgrade],
          ["Connection: close", upgrade, key],
        ]
      ) {
        const { text, socket } = await send(
          port,
          "GET /api/sync HTTP/1.1",
          "Host: 127.0.0.1",
          ...lines,
        );
        socket.destroy();
        assertStringIncludes(text, "400 Bad Request");
      }
    }, ["deno"]);
  } finally {
    console.error = error;
  }
  assertEquals(written, []);
});

Deno.test("a request that offers HTTP/2 is answered by HTTP/1.1, with its body", async () => {
  // Deno refuses the body itself, before a handler is asked.
  await serving(async (port) => {
    const body = JSON.stringify({
      path: "messages:list",
      args: { channel: "a" },
    });
    const { text, socket } = await send(
      port,
      "POST /api/query HTTP/1.1",
      "Host: 127.0.0.1",
      "Connection: Upgrade, HTTP2-Settings, close",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
      "Content-Type: application/json",
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    socket.destroy();
    assertStringIncludes(text, "200 OK");
    assertStringIncludes(text, '"status":"success"');
  }, ["node"]);
});

Deno.test("a client that asks for an unknown protocol is disconnected, even if it keeps its half open", async () => {
  await serving(async (port, connections) => {
    const { text, socket } = await send(
      port,
      "GET /elsewhere HTTP/1.1",
      "Host: 127.0.0.1",
      "Connection: Upgrade",
      "Upgrade: websocket",
    );
    assertStringIncludes(text, "404 Not Found");
    assertEquals(await connections(), 0);
    socket.destroy();
  }, ["node"]);
});

Deno.test("an answer to HEAD says no length of a body that it does not know", async () => {
  await serving(async (port) => {
    for (
      const [path, length] of [["hello", null], ["sized", "5"], ["none", "0"]]
    ) {
      const response = await fetch(
        `http://127.0.0.1:${port}/http/greet/${path}`,
        { method: "HEAD" },
      );
      assertEquals([response.status, await response.text()], [200, ""]);
      assertEquals(response.headers.get("content-length"), length);
    }
  }, ["deno"]);
});

function testMethod(
  method: string,
  kind: "deno" | "node",
  answers: { [path: string]: number },
): void {
  Deno.test(`${method} is answered as any method that nothing has (${kind})`, async () => {
    await serving(async (port) => {
      for (const [path, status] of Object.entries(answers)) {
        const { text, socket } = await send(
          port,
          `${method} ${path} HTTP/1.1`,
          "Host: 127.0.0.1",
          "Connection: close",
        );
        socket.destroy();
        assertStringIncludes(text, `HTTP/1.1 ${status} `);
      }
    }, [kind]);
  });
}

testMethod("PROPFIND", "deno", { "/http/x": 404, "/api/query": 405 });
testMethod("PROPFIND", "node", { "/http/x": 404, "/api/query": 405 });
testMethod("TRACE", "deno", { "/http/x": 404, "/api/query": 405 });
// Of this no `Request` can be made there.
testMethod("TRACE", "node", { "/http/x": 405, "/api/query": 405 });
