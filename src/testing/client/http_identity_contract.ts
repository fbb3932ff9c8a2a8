/** Identity: tokens, their expiry, and calls that wait while the identity changes. No case needs a socket. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { ClientError } from "../../errors.ts";
import { rejection } from "./client_contract.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  answerBatch,
  answerCall,
  type SentRequest,
  success,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** A token as an identity provider issues it, valid for some seconds. */
function token(name: string, seconds: number): string {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  // The times of the token are unrelated to this host's clock.
  return `${part({})}.${part({ sub: name, iat: 1000, exp: 1000 + seconds })}.x`;
}

const authorization = ({ headers }: SentRequest) =>
  headers.get("authorization")?.replace("Bearer ", "");

const refuse = () =>
  Response.json({ code: "Unauthenticated", message: "expired" }, {
    status: 401,
  });

/** The WebSocket of a host on which none can be opened. */
const refusedSocket = class {
  constructor() {
    throw new TypeError("no leave for the network");
  }
} as unknown as typeof WebSocket;

/** The argument `value` of each call of a request. */
function callers({ body }: SentRequest): unknown[] {
  const calls = (body.queries ?? [body]).flatMap(({ args: [args] }) =>
    (args.calls as { args: { value: unknown } }[] | undefined) ?? [{ args }]
  );
  return calls.map(({ args: { value } }) => value);
}

/** A deployment that refuses the first call temporarily. */
function againCase(): ContractCase<HttpSubject> {
  let requests = 0;
  return httpCase(
    "makes a call again as who made it",
    () =>
      requests++ > 0
        ? success(null)
        : Response.json({ code: "Overloaded", message: "later" }, {
          status: 503,
        }),
    async (client, { sent }) => {
      client.setAuth("ada");
      const call = client.query("a:b");
      while (sent.length === 0) await pause(1);
      client.setAuth("bob");
      await call;
      assertEquals(sent.map(authorization), ["ada", "ada"]);
    },
    { retry: { minDelayMs: 50 } },
  );
}

/** A token without an expiry is refused while a new one is fetched. */
function refusedMeanwhileCase(): ContractCase<HttpSubject> {
  const asked: (() => void)[] = [];
  let answer = () => {};
  const answered = new Promise<void>((resolve) => answer = resolve);
  const askedFor = async () => {
    while (asked.length === 0) await pause(1);
  };
  return httpCase(
    "brings another token when the refused one is just asked for again",
    async (request) => {
      await answered;
      return authorization(request) === "old" ? refuse() : success(null);
    },
    async (client, { sent }) => {
      client.setAuth(({ forceRefreshToken }) =>
        forceRefreshToken
          ? "new"
          : new Promise((give) => asked.push(() => give("old")))
      );
      const first = client.action("a:b");
      await askedFor();
      asked.pop()!();
      while (sent.length === 0) await pause(1);
      const second = client.action("a:b");
      await askedFor();
      answer();
      await pause(5);
      asked.pop()!();
      await Promise.all([first, second]);
    },
  );
}

/** Cases of identity. */
export const httpIdentityContract = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "asks for a token that ends only again when it is about to",
    () => success(null),
    async (client, { sent }) => {
      const asked: boolean[] = [];
      client.setAuth(({ forceRefreshToken }) => {
        asked.push(forceRefreshToken);
        return token("ada", asked.length === 1 ? 0 : 3600);
      });
      for (let call = 0; call < 3; call++) await client.mutation("a:b");
      assertEquals(asked, [false, true]);
      assertEquals(sent.map(authorization), [
        token("ada", 0),
        token("ada", 3600),
        token("ada", 3600),
      ]);
      client.clearAuth();
      await client.mutation("a:b");
      assertEquals(sent.map(authorization).at(-1), undefined);
      client.setAuth("plain");
      await client.mutation("a:b");
      assertEquals(sent.map(authorization).at(-1), "plain");
    },
  ),
  httpCase(
    "does not press for another token where only this host's clock says that it ended",
    () => success(null),
    async (client) => {
      const asked: boolean[] = [];
      client.setAuth(({ forceRefreshToken }) => {
        asked.push(forceRefreshToken);
        return `e30.${btoa(JSON.stringify({ exp: 1000 }))}.x`;
      });
      for (let call = 0; call < 2; call++) await client.mutation("a:b");
      assertEquals(asked, [false, false]);
    },
  ),
  httpCase(
    "asks a provider again that threw",
    () => success(null),
    async (client, { sent }) => {
      let asked = 0;
      client.setAuth(() => {
        if (asked++ === 0) throw new Error("no session yet");
        return "ada";
      });
      const error = await rejection(client.query("a:b"));
      assertEquals((error as Error).message, "no session yet");
      await client.query("a:b");
      assertEquals(sent.map(authorization), ["ada"]);
    },
  ),
  httpCase(
    "brings another token when one is refused in flight, once for all calls",
    async (request) => {
      await pause(5);
      return authorization(request) === token("old", 3600)
        ? refuse()
        : answerCall(request.body);
    },
    async (client, { sent }) => {
      let asked = 0;
      client.setAuth(async () => {
        await pause(1);
        return token(asked++ === 0 ? "old" : "new", 3600);
      });
      const calls = [1, 2, 3].map((value) => client.action("a:b", { value }));
      assertEquals(await Promise.all(calls), [1, 2, 3]);
      assertEquals([asked, sent.length], [2, 6]);
    },
  ),
  httpCase(
    "does not ask for ever when every token is refused",
    refuse,
    async (client, { sent }) => {
      let asked = 0;
      client.setAuth(() => token(`n${asked++}`, 3600));
      const error = await rejection(client.mutation("a:b"));
      assertInstanceOf(error, ClientError);
      assertEquals(error.data, { status: 401, code: "Unauthenticated" });
      assertEquals(sent.length, 2);
    },
  ),
  httpCase(
    "is nobody when that was said before the first call",
    () => success(null),
    async (client, { sent }) => {
      client.clearAuth();
      await client.query("a:b");
      assertEquals(sent.map(authorization), [undefined]);
    },
    { auth: "given" },
  ),
  httpCase(
    "makes each call as who called, however long it waits",
    async (request) => {
      await pause(2);
      return request.endpoint === "/api/query_batch"
        ? Response.json({
          results: callers(request).map((value) => ({
            status: "success",
            value,
          })),
        })
        : answerBatch(request);
    },
    async (client, { sent }) => {
      const cost = { reads: 1, writes: 1, ranges: 1 };
      const calls: Promise<unknown>[] = [];
      for (const value of ["ada", "bob"]) {
        client.setAuth(value);
        for (const n of [1, 2]) {
          const args = { value, n };
          calls.push(
            client.action("a:b", args),
            client.query("a:b", args),
            client.mutation("a:b", args, { batch: { cost } }),
            client.mutation("a:b", args, { orderKey: "k" }),
          );
        }
      }
      client.clearAuth();
      await Promise.all(calls);
      for (const request of sent) {
        const callersOfIt = [...new Set(callers(request))];
        assertEquals(callersOfIt, [authorization(request)]);
      }
    },
    { maxInFlight: 1, batchFunction: "batch:run" },
  ),
  httpCase(
    "tells by calls whether the token is taken, where there is no socket",
    (request) =>
      authorization(request)?.startsWith("bad") ? refuse() : success(null),
    async (client) => {
      const [one, other]: [boolean[], boolean[]] = [[], []];
      let next: string | null = "good";
      client.setAuth(() => next, (isTaken) => one.push(isTaken));
      for (const token of ["good", "good", "bad", null, "good"]) {
        next = token;
        await client.mutation("a:b").catch(() => {});
      }
      assertEquals(one, [true, false, true]);
      client.setAuth("bad", (isTaken) => other.push(isTaken));
      await rejection(client.mutation("a:b"));
      client.clearAuth();
      await client.mutation("a:b");
      assertEquals([one, other], [[true, false, true], [false]]);
    },
    { WebSocket: refusedSocket },
  ),
  againCase(),
  refusedMeanwhileCase(),
  httpCase(
    "lets no call that was given up wait for a token and keep its place",
    () => success(null),
    async (client, { sent }) => {
      client.setAuth(() => new Promise<string>(() => {}));
      const error = await rejection(client.query("a:b", {}, { timeoutMs: 20 }));
      assertEquals(error.code, "TIMEOUT");
      client.setAuth("ada");
      await client.query("a:b", {}, { timeoutMs: 10_000 });
      assertEquals(sent.map(authorization), ["ada"]);
    },
    { maxInFlight: 1 },
  ),
];
