/** Servers whose answers have no end, as the host's own `fetch` receives them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../src/client/http/http_source.ts";
import { ProtocolError } from "../../src/errors.ts";

/** What a raw server answers before its endless parts, and each of those. */
const ANSWERS: { [what: string]: { head: string; part: Uint8Array } } = {
  "that grows from 64 KiB to 64 MiB when it is unpacked": {
    head: "content-encoding: gzip\r\n",
    part: gzipSync(new Uint8Array(2 ** 26).fill(32)),
  },
  "in chunks, of which its header says that they are few bytes": {
    head: "content-length: 5\r\ntransfer-encoding: chunked\r\n",
    part: chunked(new Uint8Array(2 ** 20).fill(32)),
  },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  for (const workers of ["never", "always"] as const) {
    Deno.test(`an endless answer ${what} is read no further than its bound, workers: ${workers}`, async () => {
      await using server = endlessServer(answer);
      await using client = open(server.url, { workers });
      await assertRejects(
        () => client.query("a:b"),
        ProtocolError,
        "more than maxAnswerBytes = 8388608",
      );
      assertEquals(server.requests(), 1);
      const bytes = await server.sent;
      assert(bytes < 2 ** 26, `${bytes} bytes were sent`);
    });
  }
}

function open(url: string, options: HttpSourceOptions): AsyncConvexClient {
  return AsyncConvexClient.http(url, { maxAnswerBytes: 2 ** 23, ...options });
}

function chunked(bytes: Uint8Array): Uint8Array {
  const ends = [`${bytes.length.toString(16)}\r\n`, "\r\n"]
    .map((text) => new TextEncoder().encode(text));
  return Uint8Array.from([...ends[0]!, ...bytes, ...ends[1]!]);
}

/** A server that answers each request without end; `sent` is how many bytes it got rid of. */
function endlessServer({ head, part }: { head: string; part: Uint8Array }) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  let requests = 0;
  const { promise: sent, resolve } = Promise.withResolvers<number>();
  const done = (async () => {
    for await (const connection of listener) {
      requests++;
      await connection.read(new Uint8Array(10_000));
      let bytes = 0;
      try {
        await connection.write(new TextEncoder().encode(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}\r\n`,
        ));
        while (bytes < 2 ** 28) {
          for (let at = 0; at < part.length;) {
            const written = await connection.write(part.subarray(at));
            at += written;
            bytes += written;
          }
        }
      } catch {
        // The client has hung up.
      }
      resolve(bytes);
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await done;
    },
  };
}
