/** Mutations of one client that wait together, frame by frame. */
import { assert, assertEquals } from "@std/assert";
import type { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";

const list = { udfPath: "messages:list", args: [{ channel: "a" }] };

function mutate(
  socket: FakeSocket,
  requestId: number,
  name: string,
  args: object = { channel: "a", text: String(requestId) },
): void {
  socket.send({
    type: "Mutation",
    requestId,
    udfPath: `messages:${name}`,
    args: [args],
  });
}

/** The texts that a message shows, of one that shows some. */
// deno-lint-ignore no-explicit-any -- messages of any shape
function shown(message: any): string[] | undefined {
  return message.modifications?.[0]?.value;
}

ruleCase(
  "what a client follows runs again once for several of its mutations that wait together",
  async (socket) => {
    const count = 200;
    socket.hello();
    socket.follow(list);
    await socket.until((message) => shown(message)?.length === 0);
    for (let id = 0; id < count; id++) mutate(socket, id, "send");
    await socket.until((message) => shown(message)?.length === count);
    const answered: number[] = [];
    let transitions = 0;
    for (const message of socket.messages) {
      if (message.type === "MutationResponse") answered.push(message.requestId);
      const texts = shown(message);
      if (!texts) continue;
      transitions++;
      // An answer comes before the state that has its writes.
      assertEquals(texts, answered.slice(0, texts.length).map(String));
    }
    assertEquals(answered, Array.from({ length: count }, (_, id) => id));
    assert(transitions < count / 2, `${transitions} transitions`);
  },
);

ruleCase(
  "mutations that wait together run in their order, those that fail among them",
  async (socket) => {
    socket.hello();
    socket.follow(list);
    await socket.until((message) => shown(message)?.length === 0);
    const expected: string[] = [];
    for (let id = 0; id < 60; id += 3) {
      mutate(socket, id, "send");
      if (id % 2) mutate(socket, id + 1, "refuse", { data: id });
      else mutate(socket, id + 1, "none");
      const isRemoved = id % 4 === 0;
      if (isRemoved) {
        mutate(socket, id + 2, "remove", { channel: "a", text: String(id) });
      } else {
        mutate(socket, id + 2, "send");
        expected.push(String(id), String(id + 2));
      }
    }
    await socket.until(({ requestId }) => requestId === 59);
    await socket.until((message) => shown(message)?.at(-1) === "59");
    assertEquals(shown(socket.messages.at(-1)), expected);
    const answers = socket.messages.filter(({ type }) =>
      type === "MutationResponse"
    );
    assertEquals(
      answers.map(({ requestId, success }) => [requestId, success])
        .sort(([one], [other]) => one - other),
      Array.from({ length: 60 }, (_, id) => [id, id % 3 !== 1]),
    );
  },
);
