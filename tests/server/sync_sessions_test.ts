/** Mutations that a client makes again when it has connected again. */
import { assertEquals } from "@std/assert";
import { ClientSessions } from "../../src/server/sync/client_sessions.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";

const adminKey = "test|secret";
const isTransition = ({ type }: { type: string }) => type === "Transition";

ruleCase(
  "a mutation that is sent again after a reconnect runs once and gets the same answer",
  async (socket, server, engine) => {
    const mutation = {
      type: "Mutation",
      requestId: 7,
      udfPath: "messages:send",
      args: [{ channel: "a", text: "once" }],
    };
    socket.hello("session-1");
    socket.send(mutation);
    await socket.until(({ type }) => type === "MutationResponse");
    socket.leave();
    const again = new FakeSocket(server);
    again.hello("session-1");
    again.send(mutation);
    await again.until(({ type }) => type === "MutationResponse");
    const answer = ({ messages }: FakeSocket) =>
      messages.find(({ type }) => type === "MutationResponse");
    assertEquals(answer(again), answer(socket));
    const other = new FakeSocket(server);
    other.hello("session-2");
    other.send(mutation);
    await other.until(({ type }) => type === "MutationResponse");
    assertEquals(await engine.query("messages:list", { channel: "a" }), [
      "once",
      "once",
    ]);
  },
);

ruleCase(
  "only the client of a connection without Connect gets its answers later",
  async (socket, server, engine) => {
    const call = (text: string) => ({
      type: "Mutation",
      requestId: 0,
      udfPath: "messages:send",
      args: [{ channel: "a", text }],
    });
    const answered = ({ type }: { type: string }) =>
      type === "MutationResponse";
    const showToken = (client: FakeSocket, subject: string | null) => {
      const token = { type: "Authenticate", baseVersion: 0 };
      if (subject === null) return;
      client.send({
        ...token,
        tokenType: "Admin",
        value: adminKey,
        impersonating: { subject, issuer: "https://issuer.test" },
      });
    };
    showToken(socket, "ada");
    socket.send(call("once"));
    await socket.until(answered);
    await socket.until(isTransition);
    socket.leave();
    const { endVersion: { ts } } = socket.messages.find(isTransition);
    const again = async (
      text: string,
      sessionId: string,
      connectionCount: number,
      maxObservedTimestamp: string | undefined = ts,
      subject: string | null = "ada",
    ) => {
      const other = new FakeSocket(server);
      const hello = { type: "Connect", sessionId, connectionCount };
      other.send({ ...hello, maxObservedTimestamp });
      showToken(other, subject);
      other.send(call(text));
      await other.until(answered);
      other.leave();
      return (await engine.query("messages:list", { channel: "a" }) as [])
        .length;
    };
    assertEquals(await again("twice", "another-call", 1), 2);
    assertEquals(await again("once", "a-new-client", 0), 3);
    const past = btoa("\x01" + "\0".repeat(7));
    assertEquals(await again("once", "told-otherwise", 1, past), 4);
    assertEquals(await again("once", "another-user", 1, ts, "eve"), 5);
    assertEquals(await again("once", "nobody", 1, ts, null), 6);
    assertEquals(await again("once", "the-client", 1), 6);
    assertEquals(await again("once", "the-client", 2), 6);
    assertEquals(await again("once", "one-more", 1), 7);
  },
  { adminKey },
);

ruleCase(
  "all that a client of a connection without Connect makes again runs once, however many and while they wait",
  async (socket, server, engine) => {
    const count = 100;
    const calls = Array.from({ length: count }, (_, requestId) => ({
      type: "Mutation",
      requestId,
      udfPath: "messages:send",
      // They differ in the middle.
      args: [{
        channel: "a",
        text: `${"a".repeat(300)}${1000 + requestId}${"a".repeat(300)}`,
      }],
    }));
    const token = {
      type: "Authenticate",
      baseVersion: 0,
      tokenType: "Admin",
      value: adminKey,
      impersonating: { subject: "ada", issuer: "https://issuer.test" },
    };
    const answers = ({ messages }: FakeSocket) =>
      messages.filter(({ type }) => type === "MutationResponse").length;
    socket.send(token);
    for (const call of calls) socket.send(call);
    await socket.until(() => answers(socket) >= 90);
    // The server takes the first connection for open still.
    const again = new FakeSocket(server);
    again.send({ type: "Connect", sessionId: "a-client", connectionCount: 1 });
    again.send(token);
    for (const call of calls) again.send(call);
    await again.until(() => answers(again) === count);
    socket.leave();
    const sent = await engine.query("messages:list", { channel: "a" });
    assertEquals((sent as []).length, count);
  },
  { adminKey },
);

const ada = {
  type: "Authenticate",
  baseVersion: 0,
  tokenType: "Admin",
  value: adminKey,
  impersonating: { subject: "ada", issuer: "https://issuer.test" },
};
const send = (requestId: number, text: string) => ({
  type: "Mutation",
  requestId,
  udfPath: "messages:send",
  args: [{ channel: "a", text }],
});
const answersOf = ({ messages }: FakeSocket) =>
  messages.filter(({ type }) => type === "MutationResponse").length;
const connectAgain = (sessionId: string) => ({
  type: "Connect",
  sessionId,
  connectionCount: 1,
});

ruleCase(
  "a call of another tab that begins like one without Connect runs, unless that one has made the very same",
  async (socket, server, engine) => {
    socket.send(ada);
    const texts = ["first", "second", "third"];
    texts.forEach((text, at) => socket.send(send(at, text)));
    await socket.until(() => answersOf(socket) === 3);
    socket.leave();
    const other = new FakeSocket(server);
    other.send(connectAgain("other-tab"));
    other.send(ada);
    other.send(send(0, "first"));
    other.send(send(1, "of the other tab"));
    other.send(send(2, "third"));
    await other.until(() => answersOf(other) === 3);
    assertEquals(await engine.query("messages:list", { channel: "a" }), [
      ...texts,
      "of the other tab",
    ]);
  },
  { adminKey },
);

ruleCase(
  "a tab that speaks on without Connect keeps its answers from another one, and gets them itself",
  async (socket, server, engine) => {
    const sent = async () => {
      const all = await engine.query("messages:list", { channel: "a" });
      return (all as []).length;
    };
    socket.send(ada);
    socket.send(send(0, "same"));
    await socket.until(() => answersOf(socket) === 1);
    const other = new FakeSocket(server);
    other.send(connectAgain("other-tab"));
    other.send(ada);
    socket.send(send(1, "next"));
    await socket.until(() => answersOf(socket) === 2);
    other.send(send(0, "same"));
    other.send(send(1, "next"));
    await other.until(() => answersOf(other) === 2);
    assertEquals(await sent(), 4);

    const third = new FakeSocket(server);
    third.send(connectAgain("third-tab"));
    third.send(ada);
    // The first tab has been silent since the third came, so this may be its client.
    third.send(send(0, "same"));
    await third.until(() => answersOf(third) === 1);
    assertEquals(await sent(), 4);
    // It is not.
    socket.send(send(2, "last"));
    await socket.until(() => answersOf(socket) === 3);
    third.send(send(1, "next"));
    third.send(send(2, "last"));
    await third.until(() => answersOf(third) === 3);
    assertEquals(await sent(), 7);

    socket.leave();
    const again = new FakeSocket(server);
    again.send(connectAgain("first-tab"));
    again.send(ada);
    again.send(send(1, "next"));
    again.send(send(2, "last"));
    await again.until(() => answersOf(again) === 2);
    assertEquals(await sent(), 7);
  },
  { adminKey },
);

ruleCase(
  "of two connections without Connect that made the same call, the one that has ended is continued",
  async (socket, server, engine) => {
    const ended = new FakeSocket(server);
    for (const client of [ended, socket]) {
      client.send(ada);
      client.send(send(0, "same"));
      await client.until(() => answersOf(client) === 1);
    }
    ended.send(send(1, "of the ended one"));
    await ended.until(() => answersOf(ended) === 2);
    ended.leave();
    const again = new FakeSocket(server);
    again.send(connectAgain("a-client"));
    again.send(ada);
    again.send(send(0, "same"));
    again.send(send(1, "of the ended one"));
    await again.until(() => answersOf(again) === 2);
    assertEquals(await engine.query("messages:list", { channel: "a" }), [
      "same",
      "same",
      "of the ended one",
    ]);
  },
  { adminKey },
);

Deno.test("a session without Connect is recognised by any of thousands of calls and states, beside busy ones", () => {
  const sessions = new ClientSessions();
  const caller = { identity: null, isAdmin: true };
  const call = (requestId: number) => ({
    type: "Mutation" as const,
    requestId,
    udfPath: "messages:send",
    component: "",
    args: { text: `${requestId}` },
  });
  const count = 3000;
  const first = sessions.nameless({});
  const busy = sessions.nameless({});
  const names = Array.from({ length: count }, (_, requestId) => {
    busy.nameFor(call(requestId + count), caller);
    first.sent(BigInt(requestId));
    return first.nameFor(call(requestId), caller);
  });
  const again = sessions.named({
    sessionId: "a-client",
    connectionCount: 1,
    maxObservedTimestamp: 0n,
  }, {});
  assertEquals(
    names.map((_, requestId) => again.nameFor(call(requestId), caller)),
    names,
  );
});
