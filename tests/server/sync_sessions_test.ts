/** Mutations that a client makes again when it has connected again. */
import { assertEquals } from "@std/assert";
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
