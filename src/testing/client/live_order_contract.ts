/**
 * Live queries and calls over HTTP in one client: none shows a state from before what the client knows already. No case
 * needs a socket.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ClientHooks } from "../../client/client_hooks.ts";
import { fakeDeployment, success } from "./http_fake.ts";
import { rejection } from "./client_contract.ts";
import {
  mutationAnswer,
  openClient,
  overSocket,
  scriptedSockets,
  until,
  updated,
} from "./live_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";
import { Seen } from "../support/seen.ts";

/** The cases. */
export const liveOrderContract: ContractCase<void>[] = [
  ...(["mutation", "action"] as const).map((kind): ContractCase<void> => ({
    name:
      `live: a watch that begins after a call over HTTP (${kind}) shows no result from before`,
    async run() {
      const { fetch } = fakeDeployment(() => success(null));
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket }, { fetch });
      const before = new Seen<unknown>();
      client.onUpdate("a:b", {}, before.add);
      await until(() => made[0]?.sent.length === 2);
      made[0]!.say(updated("before"));
      await before.until((value) => value === "before");
      await (kind === "action"
        ? client.action("a:write")
        : client.mutation("a:write"));
      const after = new Seen<unknown>();
      client.onUpdate("a:b", {}, after.add);
      await pause(5);
      assertEquals(after.all, []);
      const asked = made[0]!.sent[2]?.modifications;
      assertEquals(asked?.map(({ queryId }) => queryId), [1]);
    },
  })),
  {
    name:
      "live: a mutation that has run does not fail with the connection on which its writes were to be seen",
    async run() {
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket });
      const ran = client.mutation("a:write", {}, overSocket);
      const lost = rejection(client.mutation("a:write", {}, overSocket));
      await until(() => made[0]?.sent.length === 4);
      made[0]!.say({ ...mutationAnswer(0), ts: "BAAAAAAAAAA=" });
      made[0]!.say({ type: "FatalError", error: "bad" });
      assertEquals(await ran, null);
      assertEquals((await lost).code, "BAD_RESPONSE");
    },
  },
  {
    name:
      "live: a mutation whose answer tells neither success nor failure is made again, not reported as failed",
    async run() {
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket });
      const ran = client.mutation("a:write", {}, overSocket);
      await until(() => made[0]?.sent.length === 3);
      made[0]!.say({ ...mutationAnswer(0), success: undefined });
      await until(() => made[1]?.sent.length === 3);
      made[1]!.say(mutationAnswer(0));
      assertEquals(await ran, null);
    },
  },
  {
    name: "live: hooks are told what a call over the socket logged",
    async run() {
      const { WebSocket, made } = scriptedSockets();
      const told: unknown[] = [];
      const hooks: ClientHooks = {
        onCall: ({ logLines }) => told.push(logLines),
      };
      await using client = openClient({ WebSocket }, { hooks });
      const ran = client.mutation("a:write", {}, overSocket);
      await until(() => made[0]?.sent.length === 3);
      const logLines = ["[LOG] 'hello'"];
      made[0]!.say({ ...mutationAnswer(0), logLines });
      await ran;
      assertEquals(told, [logLines]);
    },
  },
  {
    name:
      "live: the known result is told again after a refused token was reported",
    async run() {
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket }, { auth: "ada" });
      const seen = new Seen<unknown>();
      const query = client.onUpdate(
        "a:b",
        {},
        seen.add,
        ({ message }) => seen.add(message),
      );
      await until(() => made[0]?.sent.length === 3);
      const { endVersion, ...result } = updated("result");
      made[0]!.say({ ...result, endVersion: { ...endVersion, identity: 1 } });
      const refusal = { error: "it has expired", baseVersion: 0 };
      made[0]!.say({ type: "AuthError", ...refusal });
      await until(() => made[1]?.sent.length === 2);
      assertEquals(query.getCurrentValue(), undefined);
      made[1]!.say(updated("result"));
      const refused = "The deployment rejected the token: it has expired";
      assertEquals(seen.all, ["result", refused, "result"]);
      assertEquals(query.getCurrentValue(), "result");
    },
  },
  {
    name:
      "live: a query that begins after a live result shares no earlier request",
    async run() {
      let open = () => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      const { fetch, sent } = fakeDeployment(async () => {
        const at = sent.length;
        if (at === 1) await gate;
        return success(at);
      });
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket }, { fetch });
      const live = new Seen<unknown>();
      client.onUpdate("a:b", {}, live.add);
      const early = client.query("a:b");
      await until(() => sent.length === 1 && made[0]?.sent.length === 2);
      made[0]!.say(updated(2));
      await live.until((value) => value === 2);
      const late = client.query("a:b");
      await pause(5);
      open();
      assertEquals(await Promise.all([early, late]), [1, 2]);
    },
  },
];
