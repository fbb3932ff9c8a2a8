/** Convex's own HTTP client talks to the server unmodified. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi } from "convex/server";
import { ConvexError } from "convex/values";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { FunctionError } from "../../src/errors.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openClientEngine } from "../support/client_engine.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";

async function withOfficialClient(
  run: (client: ConvexHttpClient) => Promise<void>,
): Promise<void> {
  const engine = openClientEngine();
  await using server = await startLoopbackServer(
    createConvexServer(engine).handle,
  );
  await run(new ConvexHttpClient(server.url, { logger: false }));
  await engine.close();
}

Deno.test("ConvexHttpClient gets values back as it sent them", () =>
  withOfficialClient(async (client) => {
    const value = {
      int: -(2n ** 63n),
      floats: [NaN, Infinity, -Infinity, -0, 1.5],
      bytes: new Uint8Array([0, 255]).buffer,
      nested: [{ a: null, b: [true, "é😀"] }],
    };
    assertEquals(await client.query(anyApi.echo!.query!, { value }), value);
    assertEquals(
      await client.mutation(anyApi.echo!.mutation!, { value }),
      value,
    );
    assertEquals(await client.action(anyApi.echo!.action!, { value }), value);
    assertEquals(await client.query(anyApi.greet!.default!), "hello");
  }));

Deno.test("ConvexHttpClient gets a ConvexError with its data", () =>
  withOfficialClient(async (client) => {
    const error = await assertRejects(() =>
      client.query(anyApi.fail!.withData!)
    );
    assertInstanceOf(error, ConvexError);
    assertEquals(error.data, { code: "NO_LUCK", count: 7n });
  }));

Deno.test("ConvexHttpClient gets Convex's texts for other errors", () =>
  withOfficialClient(async (client) => {
    const prefix = /^\[Request ID: [0-9a-f]{16}\] Server Error\n/;
    for (
      const [call, text] of [
        [
          () => client.action(anyApi.fail!.plainly!),
          /Uncaught Error: the wheel came off/,
        ],
        [
          () => client.mutation(anyApi.hidden!.write!),
          /Could not find public function for 'hidden:write'/,
        ],
        [
          () => client.query(anyApi.typed!.add!, { a: 1 }),
          /ArgumentValidationError: Object is missing the required field `b`/,
        ],
      ] as const
    ) {
      const { message } = await assertRejects(call as () => Promise<unknown>);
      assertEquals([prefix.test(message), text.test(message)], [true, true]);
    }
  }));

Deno.test("AsyncConvexClient takes ConvexHttpClient as its source", () =>
  withOfficialClient(async (official) => {
    await using client = new AsyncConvexClient(official as never);
    assertEquals(await client.query("typed:add", { a: 1, b: 2 }), 3);
    const error = await assertRejects(() => client.query("fail:withData"));
    assertEquals((error as { code?: string }).code, "NO_LUCK");
    const plain = await assertRejects(() => client.action("fail:plainly"));
    assertInstanceOf(plain, FunctionError);
    assertEquals(plain.code, "FUNCTION_ERROR");
    assertEquals(plain.requestId?.length, 16);
    assertInstanceOf(plain.cause, Error);
    const none = await assertRejects(() => client.query("fail:none"));
    assertEquals((none as { code?: string }).code, "FUNCTION_NOT_FOUND");
  }));
