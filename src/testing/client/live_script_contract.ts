/**
 * Messages of a live session, and their timing, to a server that misbehaves or answers at the worst moment. No case
 * needs a socket.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CortexError } from "../../errors.ts";
import {
  endingAt,
  identified,
  identities,
  mutationAnswer,
  openClient,
  overSocket,
  scriptCase,
  type ScriptedSocket,
  type ScriptedSockets,
  scriptedSockets,
  slowToken,
  until,
  updated,
} from "./live_fake.ts";
import { Seen } from "../support/seen.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Text so long that the message is read in parts. */
const LONG_TEXT = "x".repeat(100_000);

const greetings = ({ sent }: ScriptedSocket) =>
  sent.filter(({ type }) => type === "Connect").length;

/** Cases of sessions. */
export const liveScriptContract: ContractCase<void>[] = [
  scriptCase(
    "what is followed as the client is closed opens nothing, and ends",
    async (client, made) => {
      const ended = new AbortController();
      const watch = client.watch("a:b", {}, ended);
      const next = watch.next();
      client.onUpdate("a:b", {}, () => {}, () => {});
      await client.close();
      assertEquals(await next, { value: undefined, done: true });
      await pause(5);
      assertEquals(made.length, 0);
    },
  ),
  ...["before its first connection", "while it is connected"].map((when) =>
    scriptCase(
      `a client that is closed ${when} waits for the calls of that, and for no other`,
      async (client, made) => {
        const calls = Array.from(
          { length: 2 },
          () => client.mutation("a:b", {}, overSocket),
        );
        const lost = assertRejects(() => calls[1]!);
        if (when.startsWith("while")) await until(() => !!made[0]?.isOpen());
        const closed = client.close();
        await until(() => made[0]?.sent.length === 4);
        made[0]!.say(mutationAnswer(0));
        assertEquals(await calls[0], null);
        made[0]!.breakOff();
        assertEquals((await lost as CortexError).code, "CLIENT_CLOSED");
        await closed;
        assertEquals(made.length, 1);
      },
    )
  ),
  scriptCase(
    "an answer whose timestamp is none comes again on another connection",
    async (client, made) => {
      const call = client.mutation("a:b", {}, overSocket);
      for (const [at, ts] of ["!!", mutationAnswer(0).ts].entries()) {
        await until(() => made[at]?.sent.length === 3);
        made[at]!.say({ ...mutationAnswer(0), ts });
      }
      assertEquals(await call, null);
    },
  ),
  scriptCase(
    "a client that is closed between two connections ends its calls",
    async (client, made) => {
      const call = client.mutation("a:b", {}, overSocket);
      await until(() => made[0]?.sent.length === 3);
      made[0]!.breakOff();
      const lost = assertRejects(() => call);
      await client.close();
      assertEquals((await lost as CortexError).code, "CLIENT_CLOSED");
      assertEquals(made.length, 1);
    },
  ),
  scriptCase(
    "a mutation that was given up at once is never sent",
    async (client, made) => {
      client.onUpdate("a:b", {}, () => {});
      await until(() => made[0]?.sent.length === 2);
      const first = client.mutation("a:b", {}, overSocket);
      await until(() => made[0]!.sent.length === 3);
      made[0]!.say(mutationAnswer(0));
      await first;
      const giveUp = new AbortController();
      const { signal } = giveUp;
      const call = client.mutation("a:b", {}, { ...overSocket, signal });
      giveUp.abort();
      await assertRejects(() => call);
      await pause(2);
      assertEquals(made[0]!.sent.map(({ type }) => type), [
        "Connect",
        "ModifyQuerySet",
        "Mutation",
      ]);
    },
  ),
  ...(["mutation", "action"] as const).map((kind) =>
    scriptCase(
      `a given up ${kind} leaves no socket open (mutations: once answered)`,
      async (client, made) => {
        const giveUp = new AbortController();
        const options = { ...overSocket, signal: giveUp.signal };
        const call = kind === "action"
          ? client.action("a:b", {}, options)
          : client.mutation("a:b", {}, options);
        await until(() => made[0]?.sent.length === 3);
        giveUp.abort();
        await assertRejects(() => call);
        if (kind === "mutation") made[0]!.say(mutationAnswer(0));
        const startMs = performance.now();
        await until(() => !made[0]!.isOpen());
        // After a minute of silence, it would be closed in any case.
        assert(performance.now() - startMs < 30_000);
      },
    )
  ),
  scriptCase(
    "a mutation that was given up is not sent again on the next connection",
    async (client, made) => {
      client.onUpdate("a:b", {}, () => {});
      await until(() => made[0]?.sent.length === 2);
      const [early, late] = [new AbortController(), new AbortController()];
      const calls = [early, late].map(({ signal }) =>
        client.mutation("a:b", {}, { ...overSocket, signal })
      );
      await until(() => made[0]!.sent.length === 4);
      early.abort();
      made[0]!.breakOff();
      late.abort();
      for (const call of calls) await assertRejects(() => call);
      await until(() => (made[1]?.sent.length ?? 0) >= 2);
      await pause(2);
      assertEquals(made[1]!.sent.map(({ type }) => type), [
        "Connect",
        "ModifyQuerySet",
      ]);
    },
  ),
  scriptCase(
    "a transition in chunks is the same, whatever the order of their fields",
    async (client, made) => {
      const value = `"\n\\😀${'日"😀'.repeat(100_000)}`;
      const watch = client.watch("a:b");
      const next = watch.next();
      await until(() => made[0]?.sent.length === 2);
      const text = JSON.stringify(updated(value));
      const totalParts = 5;
      const length = Math.ceil(text.length / totalParts);
      for (let partNumber = 0; partNumber < totalParts; partNumber++) {
        const from = partNumber * length;
        const chunk = text.slice(from, from + length);
        const fields = Object.entries({
          type: "TransitionChunk",
          chunk,
          partNumber,
          totalParts,
          transitionId: "some-id",
        });
        const turned = fields.splice(0, partNumber);
        made[0]!.say(Object.fromEntries([...fields, ...turned]));
      }
      assertEquals((await next).value, value);
      await watch.return();
    },
  ),
  scriptCase(
    "one connection is greeted once, however long the token takes",
    async (client, made) => {
      const { provider, give } = slowToken("ada");
      client.setAuth(provider);
      client.onUpdate("a:b", {}, () => {});
      await until(() => made[0]?.isOpen() ?? false);
      made[0]!.breakOff();
      await until(() => made[1]?.isOpen() ?? false);
      give();
      await until(() => made[1]!.sent.length > 0);
      await pause(2);
      assertEquals(made.map(greetings), [0, 1]);
      assertEquals(made.map(identities), [[], ["ada"]]);
    },
  ),
  scriptCase(
    "a token that comes after somebody else is not shown",
    async (client, made) => {
      const [early, late] = [slowToken("ada"), slowToken("eve")];
      client.setAuth(early.provider);
      client.onUpdate("a:b", {}, () => {});
      await until(() => made[0]?.isOpen() ?? false);
      // The first token is no longer waited for.
      client.setAuth("bob");
      await until(() => made[0]!.sent.length > 0);
      client.setAuth(late.provider);
      client.clearAuth();
      early.give();
      late.give();
      await pause(5);
      assertEquals(greetings(made[0]!), 1);
      assertEquals(identities(made[0]!), ["bob", undefined]);
    },
  ),
  scriptCase(
    "who was nobody while the connection was lost is shown again",
    async (client, made) => {
      client.setAuth("ada");
      client.onUpdate("a:b", {}, () => {});
      await until(() => (made[0]?.sent.length ?? 0) > 0);
      made[0]!.breakOff();
      client.clearAuth();
      await until(() => (made[1]?.sent.length ?? 0) > 0);
      client.setAuth("ada");
      await pause(2);
      assertEquals(made.map(identities), [["ada"], ["ada"]]);
    },
  ),
  scriptCase(
    "a token that fails after the connection was lost opens no second one",
    async (client, made) => {
      const token = endingAt(1000.02);
      let fail: ((error: Error) => void) | undefined;
      let asked = 0;
      client.setAuth(() =>
        asked++ === 1 ? new Promise((_, reject) => fail = reject) : token
      );
      client.onUpdate("a:b", {}, () => {}, () => {});
      await until(() => fail !== undefined);
      made[0]!.breakOff();
      fail!(new Error("offline"));
      await until(() => made[1]?.isOpen() ?? false);
      // Twice the longest time in which a second one would have come.
      await pause(300);
      assertEquals(made.filter((socket) => socket.isOpen()).length, 1);
    },
  ),
  scriptCase(
    "a token that is refused late makes nobody of who calls by then",
    async (client, made) => {
      const errors = new Seen<Error>();
      client.setAuth("bad");
      client.onUpdate("a:b", {}, () => {}, errors.add);
      await until(() => (made[0]?.sent.length ?? 0) > 0);
      client.setAuth("good");
      await pause(2);
      made[0]!.say({ type: "AuthError", error: "bad", baseVersion: 0 });
      made[0]!.breakOff();
      await until(() => (made[1]?.sent.length ?? 0) > 0);
      assertEquals(made.map(identities), [["bad", "good"], ["good"]]);
      assertEquals(errors.all, []);
    },
  ),
  scriptCase(
    "a token that is taken, and then ends without another, is told of",
    async (client, made) => {
      const taken = new Seen<boolean>();
      client.onUpdate("a:b", {}, () => {});
      const token = endingAt(1000.4);
      let asked = 0;
      client.setAuth(() => asked++ === 0 ? token : null, taken.add);
      await until(() => (made[0]?.sent.length ?? 0) >= 3);
      await pause(2);
      assertEquals(taken.all, []);
      made[0]!.say(identified(1));
      assertEquals(taken.all, [true]);
      await until(() => taken.all.length > 1);
      assertEquals(taken.all, [true, false]);
      assertEquals(identities(made[0]!), [token, undefined]);
    },
  ),
  scriptCase(
    "the socket stays while no other token can be had and the old one is valid",
    async (client, made) => {
      client.onUpdate("a:b", {}, () => {});
      const token = endingAt(1004);
      let asked = 0;
      client.setAuth(() => {
        if (asked++ > 0) throw new Error("no session now");
        return token;
      });
      await until(() => asked === 2);
      assertEquals(made.map(identities), [[token]]);
      assert(made[0]!.isOpen());
    },
  ),
  scriptCase(
    "the same token is shown again for who waits to be told of it",
    async (client, made) => {
      const taken = new Seen<boolean>();
      client.setAuth("ada");
      client.onUpdate("a:b", {}, () => {});
      await until(() => made[0]?.sent.length === 3);
      client.setAuth("ada", taken.add);
      await until(() => made[0]!.sent.length === 4);
      made[0]!.say(identified(2));
      assertEquals(taken.all, [true]);
    },
  ),
  scriptCase(
    "the socket stays as long as somebody waits to be told, and no longer",
    async (client, made) => {
      const taken = new Seen<boolean>();
      client.setAuth("ada", taken.add);
      await until(() => made[0]?.sent.length === 3);
      made[0]!.breakOff();
      // Longer than an idle socket stays open.
      await pause(1200);
      assertEquals(taken.all, []);
      await until(() => made[1]?.sent.length === 3);
      made[1]!.say(identified(1));
      assertEquals(taken.all, [true]);
      await until(() => !made[1]!.isOpen());
    },
  ),
  {
    name: "live: a host that refuses the socket is reported, and asked again",
    async run() {
      let isForbidden = true;
      const sockets = scriptedSockets();
      const { WebSocket } = sockets;
      class Guarded {
        constructor(url: string) {
          if (isForbidden) throw new TypeError("no leave for the network");
          return new WebSocket(url);
        }
      }
      const Class = Guarded as unknown as ScriptedSockets["WebSocket"];
      await using client = openClient({ WebSocket: Class });
      for (
        const call of [
          () => client.watch("a:b").next(),
          () => client.mutation("a:b", {}, overSocket),
        ]
      ) {
        const { code, message } = await assertRejects(call) as CortexError;
        assertEquals(code, "UNREACHABLE");
        assert(message.includes("no leave for the network"), message);
      }
      isForbidden = false;
      client.onUpdate("a:b", {}, () => {});
      await until(() => sockets.made[0]?.sent.length === 2);
    },
  },
  scriptCase(
    "a watch that is given up says so, whatever was not read",
    async (client, made) => {
      const giveUp = new AbortController();
      const watch = client.watch("a:b", {}, giveUp);
      await until(() => made[0]?.sent.length === 2);
      giveUp.abort(new Error("enough"));
      made[0]!.say(updated(1));
      await until(() => made[0]!.sent.length === 3);
      await assertRejects(() => watch.next(), Error, "enough");
      assertEquals((await watch.next()).done, true);
    },
  ),
  scriptCase(
    "what comes on the next connection is not compared with a long result",
    async (client, made) => {
      const seen = new Seen<unknown>();
      client.onUpdate("a:b", {}, seen.add);
      const long = { count: { $integer: "BwAAAAAAAAA=" }, text: LONG_TEXT };
      for (const [at, value] of [long, "short"].entries()) {
        await until(() => made[at]?.sent.length === 2);
        made[at]!.say(updated(value));
        // A failure opens another connection.
        await until(() => seen.all.length > at || made.length > at + 1);
        made[at]!.breakOff();
      }
      assertEquals(seen.all, [{ count: 7n, text: LONG_TEXT }, "short"]);
    },
  ),
  scriptCase(
    "arguments that are too large are not sent",
    async (client, made) => {
      const watch = client.watch("a:b", { text: "x".repeat(17 << 20) });
      const { code } = await assertRejects(() => watch.next()) as CortexError;
      assertEquals([code, made.length], ["VALUE_TOO_LARGE", 0]);
    },
  ),
];
