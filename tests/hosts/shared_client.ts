/** One client that several invocations of a Worker share, as modules of Cloudflare's runtime keep theirs. */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { AuthTokenProvider, CallOptions } from "../../src/client/types.ts";
import { success } from "../../src/testing/client/http_fake.ts";
import { pause } from "../../src/testing/support/pause.ts";

/** What the invocations share; made anew by each case. */
let shared: AsyncConvexClient | undefined;

/** Makes a call for another invocation; with `leaves` it ends while that is on its way. */
export async function callShared(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const { kind, name, leaves, options } = JSON.parse(
    searchParams.get("call")!,
  ) as SharedCall;
  const answer = shared![kind as "query"](name, {}, options);
  if (leaves) {
    await pause(20);
    return new Response();
  }
  return Response.json(await answer);
}

interface SharedCall {
  kind: "query" | "mutation";
  name: string;
  leaves?: boolean;
  options?: CallOptions;
}

/** Cases of it; `self` asks this Worker. */
export function sharedClientCases(
  self: { fetch(url: string): Promise<Response> },
) {
  const ask = async (call: SharedCall): Promise<unknown> => {
    const query = encodeURIComponent(JSON.stringify(call));
    const response = await self.fetch(`http://self/shared?call=${query}`);
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  };
  const open = (auth?: AuthTokenProvider) => {
    shared = AsyncConvexClient.http("https://x.convex.cloud", {
      auth,
      maxInFlight: 1,
      // Its timers are of the invocation that makes the request.
      fetch: async (url) => {
        await pause(60);
        return success(url.slice(-5));
      },
    });
  };
  return [{
    name: "invocations that share a client wait for none of the others",
    async run() {
      open();
      const query: SharedCall = { kind: "query", name: "a:b" };
      const first = ask({ ...query, leaves: true });
      await pause(10);
      const others = [query, query, { ...query, name: "a:c" }].map(ask);
      assertEquals(await first, undefined);
      assertEquals(await Promise.all(others), ["query", "query", "query"]);
      assertEquals(shared!.stats().requests, 4);
    },
  }, {
    name: "an invocation that ended holds up no order key",
    async run() {
      open();
      const mutation: SharedCall = {
        kind: "mutation",
        name: "a:b",
        options: { orderKey: "k" },
      };
      const first = ask({ ...mutation, leaves: true });
      await pause(10);
      assertEquals(await ask(mutation), "ation");
      await first;
      assertEquals(await ask(mutation), "ation");
      await ask({ ...mutation, leaves: true });
      // Its time limit is a timer, for which the host does not end what waits in vain.
      const limited = {
        ...mutation,
        options: { orderKey: "k", timeoutMs: 2000 },
      };
      assertEquals(await ask(limited), "ation");
      assertEquals(await ask(limited), "ation");
    },
  }, {
    name:
      "an invocation that ended while it asked for a token is not waited for",
    async run() {
      let asked = 0;
      open(async () => {
        asked++;
        await pause(50);
        return `.${btoa(JSON.stringify({ iat: 0, exp: 3600 }))}.`;
      });
      const query: SharedCall = { kind: "query", name: "a:b" };
      const first = ask({ ...query, leaves: true });
      await pause(10);
      assertEquals(await ask(query), "query");
      await first;
      assertEquals(await ask(query), "query");
      assertEquals(asked, 2);
    },
  }];
}
