/** A client that sends without a pause does not block the others. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createConvexServer } from "../../src/server/mod.ts";
import { HeldBytes } from "../../src/server/held_bytes.ts";
import { FrameTurns } from "../../src/server/sync/frame_turns.ts";
import { HeldMessages } from "../../src/server/sync/held_messages.ts";
import { SyncFault } from "../../src/server/sync/sync_fault.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";

const turnOfHost = () => new Promise((resolve) => setTimeout(resolve));

function turns(take: (frame: string) => void, maxHeld = 1_000_000) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const held = new HeldMessages(maxHeld, new HeldBytes(maxHeld));
  return { frames: new FrameTurns({ take, onError }, held), errors, held };
}

function spend(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

Deno.test("frames that take long let the event loop run in between, and keep their order", async () => {
  const taken: string[] = [];
  const { frames, errors } = turns((frame) => {
    taken.push(frame);
    spend(21);
  });
  const sent = Array.from({ length: 10 }, (_, at) => String(at));
  for (const frame of sent) frames.receive(frame);
  assertEquals(taken, ["0"]);
  let others = 0;
  while (taken.length < sent.length && others < 1000) {
    await turnOfHost();
    others++;
  }
  assert(others >= 9, String(others));
  assertEquals(taken, sent);
  await turnOfHost();
  frames.receive("at once");
  assertEquals(taken.at(-1), "at once");
  assertEquals(errors, []);
  frames.close();
});

Deno.test("frames wait for a token, or for their turn, within a bound of memory", async () => {
  const taken: string[] = [];
  const { frames, errors } = turns((frame) => {
    taken.push(frame);
    if (frame === "token") frames.stop();
    if (frame === "long") spend(21);
    if (frame === "wrong") throw new Error("wrong");
  }, 1200);
  for (const frame of ["token", "a", "token", "b"]) frames.receive(frame);
  frames.goOn();
  assertEquals(taken, ["token", "a", "token"]);
  for (const frame of ["c", "d", "e"]) frames.receive(frame);
  const tooLong = () => frames.receive("x".repeat(300));
  const text = "too much of what clients have sent";
  assertThrows(tooLong, SyncFault, text);
  frames.goOn();
  assertEquals(taken.slice(3), ["b", "c", "d", "e"]);
  for (const frame of ["long", "f", "wrong", "g", "h", "i"]) {
    frames.receive(frame);
  }
  assertThrows(tooLong, SyncFault, text);
  assertEquals(taken.at(-1), "long");
  await turnOfHost();
  assertEquals(taken.slice(-2), ["f", "wrong"]);
  assertEquals(errors.map(String), ["Error: wrong"]);
  frames.close();
});

Deno.test("frames of a closed client are not handled", async () => {
  const taken: string[] = [];
  const { frames } = turns((frame) => {
    taken.push(frame);
    if (frame === "last") frames.close();
    else spend(21);
  });
  for (const frame of ["a", "last", "b"]) frames.receive(frame);
  await turnOfHost();
  await turnOfHost();
  assertEquals(taken, ["a", "last"]);
});

ruleCase(
  "a client that says again that it has no token causes no query to run again",
  async (_socket, _server, engine) => {
    let added = 0;
    const follow = engine.follow.bind(engine);
    const counting = createConvexServer(
      Object.assign(engine, {
        follow: (follower: Parameters<typeof follow>[0]) => {
          const live = follow(follower);
          const add = live.add.bind(live);
          return Object.assign(live, {
            add: (...call: Parameters<typeof add>) => {
              added++;
              add(...call);
            },
          });
        },
      }),
      { adminKey: "test|secret" },
    );
    const socket = new FakeSocket(counting);
    socket.hello();
    socket.follow({ udfPath: "messages:list", args: [{ channel: "a" }] });
    const authenticate = (baseVersion: number, by: object) =>
      socket.send({ type: "Authenticate", baseVersion, ...by });
    for (let at = 0; at < 50; at++) authenticate(at, { tokenType: "None" });
    const isAt = (version: number) =>
      socket.until(({ endVersion }) => endVersion?.identity === version);
    await isAt(50);
    assertEquals(added, 1);
    authenticate(50, { tokenType: "Admin", value: "test|secret" });
    await isAt(51);
    authenticate(51, { tokenType: "None" });
    await isAt(52);
    assertEquals(added, 3);
    counting.close();
  },
);

Deno.test("the items of a frame that take long let the event loop run in between, and later frames wait", async () => {
  const taken: unknown[] = [];
  const { frames, errors } = turns((frame) => {
    if (frame !== "many") {
      taken.push(frame);
      return;
    }
    const items = [1, 2, 3, 4, 5].values();
    const each = (item: number) => {
      taken.push(item);
      if (item === 5) throw new Error("five");
      spend(21);
    };
    frames.forEach(items, each, () => taken.push("done"));
  });
  frames.receive("many");
  for (let at = 0; at < 10; at++) frames.receive("later");
  assertEquals(taken, [1]);
  for (let turn = 0; taken.length < 5 && turn < 1000; turn++) {
    await turnOfHost();
  }
  assertEquals(taken, [1, 2, 3, 4, 5]);
  assertEquals(errors.map(String), ["Error: five"]);
  frames.close();
});

ruleCase(
  "a client that adds thousands of queries is told of all at once",
  async (socket) => {
    socket.hello();
    const queries = Array.from({ length: 5000 }, (_, n) => ({
      udfPath: "messages:list",
      args: [{ channel: `channel ${n}` }],
    }));
    socket.follow(...queries);
    await socket.until(({ modifications }) => modifications?.length > 0);
    const { modifications, endVersion } = socket.messages.at(-1);
    assertEquals(modifications.length, queries.length);
    assertEquals(endVersion.querySet, 1);
    socket.send({
      type: "ModifyQuerySet",
      baseVersion: 1,
      newVersion: 2,
      modifications: [{ type: "Remove", queryId: 7 }],
    });
    await socket.until(({ endVersion }) => endVersion?.querySet === 2);
  },
);
