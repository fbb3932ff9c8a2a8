/**
 * What a server must do over its host's sockets. The backend is `tests/fixtures/sync_backend.ts`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Message,
  type RunningServer,
  SyncTestClient,
} from "./sync_test_client.ts";
import type { ContractCase } from "../types.ts";

export type { RunningServer, TestSocket } from "./sync_test_client.ts";

/** What the cases need. */
export interface ServerSubject {
  /** Starts a server over an empty engine. */
  start(): Promise<RunningServer>;
}

/** Every case. */
export const serverContract: ContractCase<ServerSubject>[] = [
  serverCase("answers calls and tells errors apart", async (server) => {
    await post(server, "mutation", "messages:send", {
      channel: "a",
      text: "é😀",
    });
    const listed = await post(server, "query", "messages:list", {
      channel: "a",
    });
    assertEquals(listed, { status: "success", value: ["é😀"] });
    const refused = await post(server, "mutation", "messages:refuse", {
      data: { code: "NO" },
    });
    assertEquals([refused.status, refused.errorData], [
      "error",
      { code: "NO" },
    ]);
    const missing = await server.fetch("/api/nowhere");
    assertEquals([missing.status, (await missing.json()).code], [
      404,
      "NotFound",
    ]);
  }),

  serverCase(
    "follows queries over a WebSocket, of many clients at once",
    async (server) => {
      const clients = await Promise.all(
        Array.from({ length: 8 }, () => SyncTestClient.connect(server)),
      );
      for (const client of clients) {
        client.follow("messages:list", {
          channel: "a",
        });
      }
      await Promise.all(clients.map((client) => client.value(0, [])));
      clients[0]!.call("Mutation", "messages:send", {
        channel: "a",
        text: "x",
      });
      await Promise.all(clients.map((client) => client.value(0, ["x"])));
      clients[1]!.call("Action", "messages:sendByAction", {
        channel: "a",
        text: "y",
      });
      await Promise.all(clients.map((client) => client.value(0, ["x", "y"])));
      for (const client of clients) client.socket.close();
    },
  ),

  serverCase(
    "sends results that are longer than a frame should be",
    async (server) => {
      const client = await SyncTestClient.connect(server);
      client.follow("messages:big", { length: 6_000_000 });
      const { modifications: [{ value }] } = await client.find(isTransition);
      assert(value === "😀".repeat(3_000_000));
      assert(client.chunks > 1);
      client.socket.close();
    },
  ),

  serverCase(
    "sends many large results at once, and what is asked meanwhile",
    async (server) => {
      const client = await SyncTestClient.connect(server);
      const lengths = [6_000_000, 5_999_998, 5_999_996];
      client.follow("messages:big", ...lengths.map((length) => ({ length })));
      const message = { channel: "a", text: "x" };
      client.call("Mutation", "messages:send", message);
      const { modifications } = await client.find(isTransition);
      assertEquals(
        modifications.map(({ value }: Message) => value.length).sort(),
        lengths.toSorted(),
      );
      await client.find(({ type }) => type === "MutationResponse");
      client.socket.close();
    },
  ),

  serverCase(
    "refuses what is no frame of the protocol, by its codes",
    async (server) => {
      const cases: [string | Uint8Array<ArrayBuffer>, number, string][] = [
        ["{", 1008, "BadRequest"],
        [new Uint8Array([1, 2, 3]), 1003, "BadRequest"],
        ['{"type":"Mutation"}', 1008, "BadRequest"],
      ];
      const other = await SyncTestClient.connect(server);
      other.follow("messages:list", { channel: "a" });
      for (const [frame, code, reason] of cases) {
        const client = await SyncTestClient.connect(server, false);
        client.socket.send(frame);
        assertEquals((await client.find(() => true)).type, "FatalError");
        assertEquals(await client.socket.ended, { code, reason });
      }
      other.call("Mutation", "messages:send", { channel: "a", text: "x" });
      await other.value(0, ["x"]);
      other.socket.close();
    },
  ),

  serverCase(
    "tells a client why it is refused that goes on sending",
    async (server) => {
      const client = await SyncTestClient.connect(server, false);
      const frame = `{${" ".repeat(1000)}`;
      for (let at = 0; at < 1000; at++) client.socket.send(frame);
      assertEquals(await client.socket.ended, {
        code: 1008,
        reason: "BadRequest",
      });
      assertEquals(client.messages.map(({ type }) => type), ["FatalError"]);
    },
  ),

  serverCase("refuses a body that is too large and goes on", async (server) => {
    const body = "x".repeat(17 * 1024 * 1024);
    const response = await server.fetch("/api/query", { method: "POST", body })
      // Some hosts close the connection of a client that keeps sending a refused body.
      .catch(() => undefined);
    if (response) {
      assertEquals([response.status, (await response.json()).code], [
        413,
        "RequestTooLarge",
      ]);
    }
    const { status } = await post(server, "query", "who:am", {});
    assertEquals(status, "success");
  }),

  serverCase(
    "takes a file and gives it back, whole and in part",
    async (server) => {
      const path = async (kind: string, name: string, args: object) => {
        const { pathname, search } = new URL(
          (await post(server, kind, name, args)).value,
        );
        return pathname + search;
      };
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
      const upload = await path("mutation", "files:uploadUrl", {});
      const stored = await server.fetch(upload, {
        method: "POST",
        headers: { "content-type": "image/png" },
        body: bytes,
      });
      const { storageId: id } = await stored.json();
      const url = await path("query", "files:url", { id });
      const whole = await server.fetch(url);
      assertEquals(whole.headers.get("content-type"), "image/png");
      assert(isEqual(new Uint8Array(await whole.arrayBuffer()), bytes));
      const part = await server.fetch(url, {
        headers: { range: "bytes=1048570-1048580" },
      });
      assertEquals(part.status, 206);
      assertEquals(
        new Uint8Array(await part.arrayBuffer()),
        bytes.slice(1_048_570, 1_048_581),
      );
    },
  ),

  serverCase(
    "gives an admin all data in a file, and takes it back",
    async (server) => {
      const message = { channel: "a", text: "é😀" };
      await post(server, "mutation", "messages:send", message);
      const asAdmin = async (path: string, init: RequestInit = {}) => {
        const headers = { authorization: "Convex admin|01" };
        return await server.fetch(path, { ...init, headers });
      };
      const tell = async (path: string, body?: BodyInit) => {
        const response = await asAdmin(`/api/${path}`, {
          method: "POST",
          ...(body === undefined ? {} : { body }),
        });
        assertEquals(response.status, 200);
        return JSON.parse(await response.text());
      };
      const ask = async (path: string, args: object) =>
        (await tell("query", JSON.stringify({ path, args }))).value;
      await tell("export/request/zip?includeStorage=true");
      const { start_ts } = await ask("_system/cli/exports:getLatest", {});
      const archive = await asAdmin(`/api/export/zip/${start_ts}`);
      const bytes = await archive.arrayBuffer();
      await post(server, "mutation", "messages:send", message);
      const { uploadToken } = await tell("import/start_upload");
      const part = `uploadToken=${uploadToken}&partNumber=1`;
      await tell(`import/upload_part?${part}`, bytes);
      const { importId } = await tell(
        "import/finish_upload",
        JSON.stringify({
          import: { mode: "replaceAll", format: "zip" },
          uploadToken,
          partTokens: ["1"],
        }),
      );
      await tell("perform_import", JSON.stringify({ importId }));
      assertEquals(await ask("_system/cli/queryImport", { importId }), {
        state: { state: "completed", num_rows_written: "1" },
      });
      assertEquals(await ask("messages:list", { channel: "a" }), ["é😀"]);
      const outside = await server.fetch("/api/import/start_upload", {
        method: "POST",
      });
      assertEquals(outside.status, 403);
      await outside.body?.cancel();
    },
  ),

  serverCase(
    "answers clients that put a slash too many before the path",
    async (server) => {
      const body = JSON.stringify({
        path: "messages:list",
        args: { channel: "a" },
      });
      const asked = await server.fetch("//api/query", { method: "POST", body });
      assertEquals(JSON.parse(await asked.text()).status, "success");
      const client = new SyncTestClient(await server.open("//api/1.48.0/sync"));
      client.follow("messages:list", { channel: "a" });
      await client.value(0, []);
      client.socket.close();
    },
  ),

  serverCase("has HTTP actions answer, in pieces", async (server) => {
    const echo = await server.fetch("/http/echo", {
      method: "POST",
      headers: { "x-mine": "yes", "content-type": "text/x-mine" },
      body: "hello",
    });
    assertEquals([echo.status, await echo.text()], [201, "hello"]);
    assertEquals(echo.headers.get("x-mine"), "yes");
    assertEquals(echo.headers.get("x-type"), "text/x-mine");
    const pieces = await server.fetch("/http/pieces/x");
    assertEquals(await pieces.text(), "3 2 1 ");
  }),

  serverCase(
    "tells its clients when it ends their connections",
    async (server) => {
      const client = await SyncTestClient.connect(server);
      client.follow("messages:list", { channel: "a" });
      await client.value(0, []);
      server.closeConnections();
      assertEquals((await client.socket.ended).code, 1001);
    },
  ),
];

function serverCase(
  name: string,
  run: (server: RunningServer) => Promise<void>,
): ContractCase<ServerSubject> {
  return {
    name,
    async run(subject) {
      const server = await subject.start();
      try {
        await run(server);
      } finally {
        await server.close();
      }
    },
  };
}

async function post(
  server: RunningServer,
  kind: string,
  path: string,
  args: object,
): Promise<Message> {
  const response = await server.fetch(`/api/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path, args }),
  });
  // Not by `json()`, which makes objects of another realm in edge-runtime.
  return JSON.parse(await response.text());
}

const isTransition = ({ type }: Message) => type === "Transition";

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}
