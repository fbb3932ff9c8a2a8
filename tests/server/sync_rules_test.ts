/** The rules of the sync protocol, frame by frame, and what happens to those who break them. */
import { assert, assertEquals } from "@std/assert";
import { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";
import { pause } from "../../src/testing/support/pause.ts";

const list = (channel: string) => ({
  udfPath: "messages:list",
  args: [{ channel }],
});
const isTransition = ({ type }: { type: string }) => type === "Transition";

ruleCase(
  "each transition begins where the last one ended, and its parts only grow",
  async (socket, _server, engine) => {
    socket.hello();
    socket.follow(list("a"), list("b"));
    for (let at = 0; at < 5; at++) {
      socket.send({
        type: "Mutation",
        requestId: at,
        udfPath: "messages:send",
        args: [{ channel: "a", text: String(at) }],
      });
      await socket.until(({ requestId }) => requestId === at);
    }
    await engine.mutation("messages:send", { channel: "b", text: "x" });
    const last = (id: number) =>
      socket.messages.filter(isTransition)
        .flatMap(({ modifications }) => modifications)
        .findLast(({ queryId }) => queryId === id)?.value;
    await socket.until(() => last(1)?.length === 1);
    assertEquals(last(0), ["0", "1", "2", "3", "4"]);
    let version = { querySet: 0, identity: 0, ts: "AAAAAAAAAAA=" };
    for (const transition of socket.messages.filter(isTransition)) {
      assertEquals(transition.startVersion, version);
      version = transition.endVersion;
    }
  },
);

ruleCase(
  "the answer to a mutation comes before the state that has its writes, and one follows even when nobody sees it",
  async (socket) => {
    socket.hello();
    socket.follow(list("a"));
    await socket.until(isTransition);
    for (const channel of ["a", "unseen"]) {
      const before = socket.messages.length;
      const requestId = before;
      socket.send({
        type: "Mutation",
        requestId,
        udfPath: "messages:send",
        args: [{ channel, text: "x" }],
      });
      await socket.until((message) =>
        isTransition(message) && socket.messages.indexOf(message) > before
      );
      const types = socket.messages.slice(before).map(({ type }) => type);
      assertEquals(types, ["MutationResponse", "Transition"]);
      const [answer, transition] = socket.messages.slice(before);
      const bytes = (ts: string) => [...atob(ts)].reverse().join("");
      assert(bytes(transition.endVersion.ts) >= bytes(answer.ts));
    }
  },
);

ruleCase(
  "a removed query is confirmed, and nothing of it is sent later",
  async (socket, _server, engine) => {
    socket.hello();
    socket.follow(list("a"), list("b"));
    await socket.until(isTransition);
    socket.send({
      type: "ModifyQuerySet",
      baseVersion: 1,
      newVersion: 2,
      modifications: [{ type: "Remove", queryId: 0 }],
    });
    await engine.mutation("messages:send", { channel: "a", text: "x" });
    await engine.mutation("messages:send", { channel: "b", text: "x" });
    await socket.until(({ modifications }) =>
      modifications?.some(({ value }: { value?: string[] }) =>
        value?.length === 1
      )
    );
    const told = socket.messages.flatMap(({ modifications = [] }) =>
      modifications
    )
      .map(({ type, queryId }) => `${type} ${queryId}`);
    assertEquals(told.slice(0, 3), [
      "QueryUpdated 0",
      "QueryUpdated 1",
      "QueryRemoved 0",
    ]);
    assertEquals(new Set(told.slice(3)), new Set(["QueryUpdated 1"]));
  },
);

ruleCase(
  "a failing query is reported as such and does not end the connection",
  async (socket, _server, engine) => {
    socket.hello();
    socket.follow(
      { udfPath: "messages:latest", args: [{ channel: "a" }] },
      { udfPath: "nothing:here", args: [{}] },
      list("a"),
    );
    await socket.until(isTransition);
    const [latest, nothing, other] = socket.messages[0].modifications;
    assertEquals(latest.type, "QueryFailed");
    assertEquals(latest.errorData, { code: "EMPTY", channel: "a" });
    assertEquals(nothing.type, "QueryFailed");
    assertEquals(other.type, "QueryUpdated");
    await engine.mutation("messages:send", { channel: "a", text: "x" });
    await socket.until(({ modifications }) =>
      modifications?.some(({ value }: { value?: string }) => value === "x")
    );
  },
);

ruleCase("a client that says nothing is pinged", async (socket) => {
  socket.hello();
  await socket.until(({ type }) => type === "Ping");
}, { limits: { pingMs: 20 } });

const clock = { nowMs: 1_800_000_000_000 };

ruleCase(
  "a client is pinged whose server's clock is set back",
  async (socket) => {
    socket.hello();
    clock.nowMs -= 3_600_000;
    await socket.until(({ type }) => type === "Ping");
  },
  { limits: { pingMs: 20 }, now: () => clock.nowMs },
);

ruleCase(
  "a slow client gets the latest state only",
  async (socket, _server, engine) => {
    socket.hello();
    socket.follow(list("a"));
    await socket.until(isTransition);
    const before = socket.messages.length;
    socket.buffered = 101;
    for (let at = 0; at < 5; at++) {
      await engine.mutation("messages:send", { channel: "a", text: `${at}` });
    }
    await engine.query("messages:list", { channel: "a" });
    assertEquals(socket.messages.length, before);
    socket.buffered = 0;
    await socket.until(({ modifications: [first] = [] }) =>
      first?.value?.length === 5
    );
    assertEquals(socket.messages.length, before + 1);
  },
  { limits: { maxBufferedBytes: 100 } },
);

ruleCase(
  "no call of a client is begun that does not read what it was answered",
  async (socket, _server, engine) => {
    socket.hello();
    socket.buffered = 101;
    const args = [{ channel: "a", text: "x" }];
    const kinds = {
      Mutation: "messages:send",
      Action: "messages:sendByAction",
    };
    Object.entries(kinds).forEach(([type, udfPath], requestId) =>
      socket.send({ type, requestId, udfPath, args })
    );
    await pause(120);
    const sent = async () =>
      (await engine.query("messages:list", { channel: "a" })) as string[];
    assertEquals(await sent(), []);
    assertEquals(socket.messages, []);
    socket.buffered = 0;
    for (const type of ["MutationResponse", "ActionResponse"]) {
      await socket.until((message) => message.type === type);
    }
    assertEquals(await sent(), ["x", "x"]);
  },
  { limits: { maxBufferedBytes: 100 } },
);

ruleCase(
  "clients learn that the engine is closed, and new ones are turned away",
  async (socket, server, engine) => {
    socket.hello();
    socket.follow(list("a"));
    await socket.until(isTransition);
    await engine.close();
    assertEquals(socket.closed, { code: 1012, reason: "ServiceRestart" });
    const late = new FakeSocket(server);
    assertEquals(late.closed, { code: 1012, reason: "ServiceRestart" });
    late.hello();
  },
);

const hello = {
  type: "Connect",
  sessionId: "s",
  connectionCount: 0,
  lastCloseReason: null,
};
const add = (queryId: number, more = {}) => ({
  type: "Add",
  queryId,
  ...list("a"),
  ...more,
});
const modify = (
  baseVersion: number,
  newVersion: number,
  ...modifications: object[]
) => ({
  type: "ModifyQuerySet",
  baseVersion,
  newVersion,
  modifications,
});
const broken: [
  string,
  (object | string | Uint8Array<ArrayBuffer>)[],
  number,
  string,
][] = [
  ["no JSON", ["{"], 1008, "BadRequest"],
  ["no object", ["[]"], 1008, "BadRequest"],
  ["an unknown type", [hello, { type: "Nothing" }], 1008, "BadRequest"],
  ["a binary frame", [new Uint8Array(3)], 1003, "BadRequest"],
  ["Connect twice", [hello, hello], 1008, "BadRequest"],
  ["Connect behind another", [modify(0, 1), hello], 1008, "BadRequest"],
  [
    "a session without a name",
    [{ ...hello, sessionId: "" }],
    1008,
    "BadRequest",
  ],
  [
    "a session that is no ASCII",
    [{ ...hello, sessionId: "é" }],
    1008,
    "BadRequest",
  ],
  ["a wrong base version", [hello, modify(1, 2)], 1008, "BaseVersionMismatch"],
  [
    "a version that does not grow",
    [hello, modify(0, 0)],
    1008,
    "BaseVersionMismatch",
  ],
  ["a version that is no number", [hello, modify(-1, 1)], 1008, "BadRequest"],
  ["a query twice", [hello, modify(0, 1, add(1), add(1))], 1008, "BadRequest"],
  [
    "the removal of an unknown query",
    [hello, modify(0, 1, { type: "Remove", queryId: 1 })],
    1008,
    "BadRequest",
  ],
  [
    "arguments that are no values",
    [hello, modify(0, 1, add(1, { args: [{ $x: 1 }] }))],
    1008,
    "BadRequest",
  ],
  [
    "two arguments",
    [hello, modify(0, 1, add(1, { args: [{}, {}] }))],
    1008,
    "BadRequest",
  ],
  [
    "a component's path",
    [hello, modify(0, 1, add(1, { componentPath: "x" }))],
    1008,
    "BadRequest",
  ],
  [
    "a time from elsewhere",
    [{ ...hello, maxObservedTimestamp: "/////////38=" }],
    1013,
    "InvalidMaxObservedTimestamp",
  ],
  [
    "a time that is none",
    [{ ...hello, maxObservedTimestamp: "x" }],
    1008,
    "BadRequest",
  ],
  [
    "a wrong identity version",
    [hello, { type: "Authenticate", baseVersion: 1, tokenType: "None" }],
    1008,
    "AuthBaseVersionMismatch",
  ],
  [
    "a token that nobody verifies",
    [hello, {
      type: "Authenticate",
      baseVersion: 0,
      tokenType: "User",
      value: "x",
    }],
    1008,
    "AuthUpdateFailed",
  ],
  [
    "too many queries",
    [hello, modify(0, 1, ...[1, 2, 3, 4].map((id) => add(id)))],
    1013,
    "SubscriptionsWorkerFullError",
  ],
  ["too long a frame", [" ".repeat(2001)], 1009, "MessageTooLarge"],
  [
    "too many actions",
    [
      hello,
      ...Array.from(
        { length: 5 },
        (_, requestId) => ({
          type: "Action",
          requestId,
          udfPath: "messages:sendByAction",
          args: [{ channel: "a", text: "x" }],
        }),
      ),
    ],
    1013,
    "TooManyConcurrentRequests",
  ],
];
for (const [what, frames, code, reason] of broken) {
  ruleCase(
    `a client that sends ${what} is refused, and nobody else`,
    async (socket, server) => {
      const bystander = new FakeSocket(server);
      bystander.hello();
      bystander.follow(list("a"));
      await bystander.until(isTransition);
      for (const frame of frames) socket.send(frame);
      assertEquals(await socket.end(), { code, reason });
      const { type } = socket.messages.at(-1) ?? { type: "" };
      if (reason === "AuthUpdateFailed") assertEquals(type, "AuthError");
      else assertEquals(type === "FatalError", code < 1011);
      bystander.send({
        type: "Mutation",
        requestId: 1,
        udfPath: "messages:send",
        args: [{ channel: "a", text: "y" }],
      });
      await bystander.until(({ modifications: [first] = [] }) =>
        first?.value?.includes("y")
      );
    },
    {
      limits: {
        maxQueries: 3,
        maxFrameLength: 2000,
        maxRequests: 3,
      },
    },
  );
}

ruleCase(
  "a limit that is undefined has its default",
  async (socket) => {
    socket.hello();
    socket.send(" ".repeat(17 << 20));
    assertEquals((await socket.end()).reason, "MessageTooLarge");
  },
  { limits: { maxFrameLength: undefined } as object },
);

ruleCase(
  "a client that was offline may send any number of mutations at once, also while its token is verified",
  async (socket) => {
    const count = 1100;
    socket.hello();
    socket.send({ type: "Authenticate", baseVersion: 0, tokenType: "None" });
    for (let requestId = 0; requestId < count; requestId++) {
      socket.send({
        type: "Mutation",
        requestId,
        udfPath: "messages:none",
        args: [],
      });
    }
    await socket.until(({ requestId }) => requestId === count - 1);
    const answers = socket.messages
      .filter(({ type }) => type === "MutationResponse");
    assertEquals(answers.length, count);
  },
);
