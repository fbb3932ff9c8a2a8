import { assertEquals } from "@std/assert";
import { type Message, readTalks, turns } from "./data.ts";

function message(
  id: string,
  role: "user" | "agent",
  sessionId = "s1",
): Message {
  return {
    id,
    conversationId: `c-${sessionId}`,
    sessionId,
    role,
    speaker: role,
    text: id,
    at: 0,
  };
}

Deno.test("turns() pairs a user's message with the agent's after it", () => {
  const messages = [
    message("1", "agent"),
    message("2", "user"),
    message("3", "agent"),
    message("4", "user"),
    message("5", "user"),
    message("6", "agent", "s2"),
  ];
  assertEquals(turns(messages).map((turn) => turn.map(({ id }) => id)), [
    ["1"],
    ["2", "3"],
    ["4"],
    ["5"],
    ["6"],
  ]);
});

Deno.test("readTalks() of an absent or empty folder is empty", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(readTalks(folder), []);
    assertEquals(readTalks(`${folder}/absent`), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readTalks() leaves out questions without evidence", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/a.messages.jsonl`,
      JSON.stringify(message("1", "user")) + "\n\n",
    );
    await Deno.writeTextFile(
      `${folder}/a.questions.jsonl`,
      '{"question":"x","category":"c","evidence":["1"]}\n' +
        '{"question":"y","category":"c","evidence":[]}\n',
    );
    const [talk, ...others] = readTalks(folder);
    assertEquals(others, []);
    assertEquals(talk!.messages.length, 1);
    assertEquals(talk!.questions.map(({ question }) => question), ["x"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
