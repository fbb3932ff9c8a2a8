/**
 * Messages of a live session while the client's identity changes: nothing is asked as somebody else, and nobody sees
 * another identity's results. No case needs a socket.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { CortexError } from "../../errors.ts";
import { rejection } from "./client_contract.ts";
import { fakeDeployment, success } from "./http_fake.ts";
import {
  mutationAnswer,
  openClient,
  overSocket,
  scriptCase,
  type ScriptedSocket,
  scriptedSockets,
  slowToken,
  until,
  updated,
} from "./live_fake.ts";
import { Seen } from "../support/seen.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** What was sent after `Connect`: tokens, functions, and changes of the queries. */
function said(socket: ScriptedSocket | undefined): unknown[] {
  return (socket?.sent ?? []).flatMap((
    { type, value, udfPath, modifications },
  ) =>
    modifications?.map(({ type, queryId }) => `${type} ${queryId}`) ??
      (type === "Connect" ? [] : value ?? udfPath ?? type)
  );
}

/** The cases. */
export const liveSwitchContract: ContractCase<void>[] = [
  scriptCase(
    "what is asked after a change of identity waits until the server knows of it",
    async (client, made) => {
      client.setAuth("ada");
      client.onUpdate("a:b", {}, () => {});
      await until(() => said(made[0]).length > 1);
      const { provider, give } = slowToken("bob");
      client.setAuth(provider);
      const stop = client.onUpdate("a:c", {}, () => {});
      client.onUpdate("a:d", {}, () => {});
      const answer = client.mutation("a:write", {}, overSocket);
      void client.action("a:act", {}, overSocket).catch(() => {});
      await pause(5);
      // A query that was not sent is not removed either.
      stop();
      await pause(2);
      assertEquals(said(made[0]!), ["ada", "Add 0"]);
      give();
      await until(() => said(made[0]!).length > 5);
      const now = ["bob", "Add 2", "a:write", "a:act"];
      assertEquals(said(made[0]!), ["ada", "Add 0", ...now]);
      made[0]!.say(mutationAnswer(0));
      assertEquals(await answer, null);
      made[0]!.breakOff();
    },
  ),
  scriptCase(
    "nobody is given the result of a query that another followed",
    async (client, made) => {
      const [first, second] = [new Seen<unknown>(), new Seen<unknown>()];
      client.setAuth("ada");
      client.onUpdate("a:b", {}, first.add);
      await until(() => said(made[0]).length > 1);
      made[0]!.say(updated("ada's"));
      await first.until(() => true);
      client.clearAuth();
      client.onUpdate("a:b", {}, second.add);
      await until(() => said(made[0]!).length > 3);
      assertEquals(said(made[0]!), ["ada", "Add 0", "Authenticate", "Add 1"]);
      assertEquals([first.all, second.all], [["ada's"], []]);
    },
  ),
  {
    name:
      "live: a mutation is made as who called, though another has taken over before it was sent",
    async run() {
      const { fetch, sent } = fakeDeployment(() => success("done"));
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket }, { fetch });
      const { provider, give } = slowToken("ada");
      client.setAuth(provider);
      const calls = ["a:one", "a:two"].map((name) =>
        client.mutation(name, {}, overSocket)
      );
      await until(() => made[0]?.isOpen() ?? false);
      client.setAuth("bob");
      give();
      assertEquals(await Promise.all(calls), ["done", "done"]);
      assertEquals(
        sent.map(({ body, headers }) => [
          body.path,
          headers.get("authorization"),
        ]),
        [["a:one", "Bearer ada"], ["a:two", "Bearer ada"]],
      );
      await pause(2);
      assertEquals(said(made[0]!), ["bob"]);
    },
  },
  ...[false, true].map((isSlow): ContractCase<void> => ({
    name: `live: a change of identity keeps the order of mutations${
      isSlow ? " that wait for a token" : ""
    }`,
    async run() {
      const log: unknown[] = [];
      const { fetch } = fakeDeployment(async ({ body }) => {
        log.push(body.path);
        await pause(3);
        log.push(`${body.path} ran`);
        return success("done");
      });
      const { WebSocket, made } = scriptedSockets((message, socket) => {
        const { udfPath, requestId } = message;
        if (requestId === undefined) return;
        log.push(udfPath);
        setTimeout(() => {
          log.push(`${udfPath} ran`);
          socket.say(mutationAnswer(requestId));
        }, 3);
      });
      await using client = openClient({ WebSocket }, { fetch });
      const { provider, give } = slowToken("bob");
      const write = (name: string) => client.mutation(name, {}, overSocket);
      client.setAuth("ada");
      const calls = [write("a:sent")];
      await until(() => log.length > 0);
      if (isSlow) client.setAuth(provider);
      calls.push(write("a:one"), write("a:two"));
      // While a mutation waits, it may be that of who no longer calls.
      if (isSlow) await pause(1);
      client.setAuth("eve");
      calls.push(write("a:last"));
      give();
      await Promise.all(calls);
      assertEquals(
        log,
        ["a:sent", "a:one", "a:two", "a:last"].flatMap((
          name,
        ) => [name, `${name} ran`]),
      );
      assertEquals(said(made[0]!), ["ada", "a:sent", "eve", "a:last"]);
    },
  })),
  ...[undefined, "good"].map((earlier): ContractCase<void> => ({
    name: `live: nothing is written as nobody once the token was refused${
      earlier ? ", also after a good one" : ""
    }`,
    async run() {
      const data = { status: 401, code: "Unauthenticated" };
      const { fetch, sent } = fakeDeployment(() =>
        Response.json({ ...data, message: "bad" }, data)
      );
      const { WebSocket, made } = scriptedSockets((message, socket) => {
        const { value, baseVersion } = message;
        if (value !== "bad") return;
        const [type, error, authUpdateAttempted] = ["AuthError", "bad", true];
        queueMicrotask(() => {
          socket.say({ type, error, baseVersion, authUpdateAttempted });
          socket.breakOff();
        });
      });
      await using client = openClient({ WebSocket }, { fetch });
      client.setAuth(earlier ?? "bad");
      client.onUpdate("a:b", {}, () => {}, () => {});
      if (earlier) {
        await until(() => said(made[0]).length > 1);
        client.setAuth("bad");
      }
      const write = () => rejection(client.mutation("a:b", {}, overSocket));
      const act = client.action("a:b", {}, overSocket);
      const failed = [write(), rejection(act)];
      // By then it is known.
      failed.push(Promise.all(failed).then(write));
      for (const error of await Promise.all(failed)) {
        assertEquals((error as CortexError).data, data);
      }
      const tokens = sent.map(({ headers }) => headers.get("authorization"));
      assertEquals(tokens, Array(3).fill("Bearer bad"));
      assertEquals(said(made[1]), ["Add 0"]);
    },
  })),
  scriptCase(
    "a mutation that ran as nobody is not made again when the first token is refused",
    async (client, made) => {
      const call = client.mutation("a:write", {}, overSocket);
      const lost = assertRejects(() => call);
      await until(() => said(made[0]).length > 0);
      client.setAuth("bad");
      await until(() => said(made[0]).length > 1);
      const refusal = { type: "AuthError", error: "bad", baseVersion: 0 };
      made[0]!.say({ ...refusal, authUpdateAttempted: true });
      assertEquals((await lost as CortexError).code, "UNREACHABLE");
      assertEquals(made.map(said)[0], ["a:write", "bad"]);
    },
  ),
  scriptCase(
    "a mutation that may have run is not sent again as another",
    async (client, made) => {
      client.setAuth("ada");
      const call = client.mutation("a:write", {}, overSocket);
      const lost = assertRejects(() => call);
      await until(() => said(made[0]).length > 1);
      made[0]!.breakOff();
      client.setAuth("bob");
      assertEquals((await lost as CortexError).code, "UNREACHABLE");
      assertEquals(made.map(said), [["ada", "a:write"], ["bob"]]);
    },
  ),
];
