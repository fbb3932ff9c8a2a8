/** Clients of Node's server that take nothing of a long answer do not keep it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assert } from "@std/assert";
import {
  answerNodeRequest,
  type NodeRequest,
  type NodeResponse,
} from "../../src/server/hosts/node_http.ts";

/** Bodies whose reader takes nothing; each says when it is cancelled. */
const ANSWERS: { [what: string]: (cancel: () => void) => BodyInit } = {
  "an endless stream": (cancel) =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
      cancel,
    }),
  "one long part": (cancel) =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1 << 26)),
      cancel,
    }),
};

for (const [what, body] of Object.entries(ANSWERS)) {
  Deno.test(`who takes nothing of ${what} is hung up on, as on Node`, async () => {
    const cancelled = Promise.withResolvers<void>();
    const http = createServer((request, response) => {
      answerNodeRequest(
        request as unknown as NodeRequest,
        response as unknown as NodeResponse,
        () => Promise.resolve(new Response(body(cancelled.resolve))),
        50,
      );
    });
    await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
    const { port } = http.address() as AddressInfo;
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await client.write(
      new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    await cancelled.promise;
    client.close();
    await new Promise<unknown>((done) => http.close(done));
  });
}

Deno.test("who takes an answer slowly gets all of it, as on Node", async () => {
  const length = 1 << 23;
  const http = createServer((request, response) => {
    answerNodeRequest(
      request as unknown as NodeRequest,
      response as unknown as NodeResponse,
      () => Promise.resolve(new Response(new Uint8Array(length))),
      500,
    );
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const { port } = http.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`);
  let read = 0;
  let pauses = 0;
  for await (const part of response.body!) {
    read += part.length;
    if (pauses++ < 5) await new Promise((done) => setTimeout(done, 10));
  }
  assert(read === length, `${read}`);
  await new Promise<unknown>((done) => http.close(done));
});
