import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  parseConversation,
  toTurns,
} from "../../examples/demo/conversation_file.ts";
import { inDirectory } from "../support/host_files.ts";

const root = new URL("../../", import.meta.url);

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the demo as `deno task demo` does, after its set-up. */
async function demo(args: string[], stdin = ""): Promise<Run> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "examples/demo/main.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  const writer = child.stdin.getWriter();
  // A run that ends before it reads its input closes the pipe.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The first ranked item that a run printed. */
function firstItem(stdout: string): string {
  return /^ 1\. .*\n {4}(.*)$/m.exec(stdout)?.[1] ?? "";
}

Deno.test("the sample is remembered whole and answers a question", async () => {
  const { code, stdout, stderr } = await demo([
    "--ask",
    "Who is allergic to hazelnuts?",
  ]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "24 exchanges and 2 single messages");
  assertStringIncludes(stdout, "50 messages were new");
  assertStringIncludes(stderr, "26/26");
  assertStringIncludes(firstItem(stdout), "Tomas");
  assertStringIncludes(stdout, "## Relevant Context");
});

Deno.test("questions come from standard input, one a line", async () => {
  const { code, stdout, stderr } = await demo(
    ["--limit", "3"],
    "When do the ovens arrive?\n\nWhich reporter wrote about the opening?\n",
  );
  assertEquals(code, 0, stderr);
  const [, ovens, reporter] = stdout.split(/^Q: /m);
  assertStringIncludes(ovens!, "20th of April");
  assertStringIncludes(reporter!, "Phoebe Lindqvist");
});

Deno.test("a second run on the same file adds nothing, and --ask alone answers from it", () =>
  inDirectory(async (folder) => {
    const db = `${folder}/demo.db`;
    const file = "examples/conversation.jsonl";
    const first = await demo([
      file,
      "--db",
      db,
      "--ask",
      "What was the boat called?",
    ]);
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stdout, "50 messages were new");
    const again = await demo([
      file,
      "--db",
      db,
      "--ask",
      "What was the boat called?",
    ]);
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(again.stdout, "0 messages were new");
    const alone = await demo([
      "--db",
      db,
      "--ask",
      "What was the boat called?",
    ]);
    assertEquals(alone.code, 0, alone.stderr);
    const answer = (run: Run) => run.stdout.slice(run.stdout.indexOf("Q: "));
    assertStringIncludes(answer(alone), "Albatross");
    assertEquals(answer(alone), answer(first));
    assertEquals(answer(again), answer(first));
  }));

Deno.test("a malformed line names file, line and reason, and nothing is stored", () =>
  inDirectory(async (folder) => {
    const good = {
      id: "1",
      conversationId: "c",
      sessionId: "s",
      role: "user",
      speaker: "A",
      text: "Hello",
      at: 1,
    };
    const bad: [string, string][] = [
      ["{", "not JSON"],
      ["[]", "must be a JSON object"],
      [
        JSON.stringify({ ...good, id: "2", text: "" }),
        "text must be a non-empty string",
      ],
      [
        JSON.stringify({ ...good, id: "2", role: "bot" }),
        'role must be "user" or "agent", got "bot"',
      ],
      [
        JSON.stringify({ ...good, id: "2", at: "now" }),
        "at must be a time in ms",
      ],
      [
        JSON.stringify({ ...good, id: "2", sessionId: undefined }),
        "sessionId must be a non-empty string",
      ],
      [
        JSON.stringify({ ...good, id: "2", text: "x".repeat(700_001) }),
        "text takes 700001 bytes, at most 700000 are allowed",
      ],
      [
        JSON.stringify({ ...good, id: "2".repeat(201) }),
        "id has 201 characters, at most 200 are allowed",
      ],
      [
        JSON.stringify({ ...good, id: "2\0" }),
        "id holds a control character",
      ],
      [
        JSON.stringify({ ...good, id: "2", text: "\ud83d" }),
        "text holds half a character",
      ],
      [
        JSON.stringify({ ...good, id: "2", at: 8.64e15 }),
        "at must be a time in ms since the epoch, under 8640000000000000",
      ],
      [JSON.stringify(good), 'id "1" is also on line 1'],
    ];
    const file = `${folder}/talk.jsonl`;
    const db = `${folder}/demo.db`;
    for (const [line, reason] of bad) {
      await Deno.writeTextFile(file, `${JSON.stringify(good)}\n\n${line}\n`);
      const { code, stderr } = await demo([
        file,
        "--db",
        db,
        "--ask",
        "Hello?",
      ]);
      assertEquals(code, 1);
      assertStringIncludes(stderr, `${file}:3: ${reason}`);
    }
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names, ["talk.jsonl"]);
  }));

Deno.test("lines at their bounds are remembered, after a byte order mark, too", () =>
  inDirectory(async (folder) => {
    const file = `${folder}/talk.jsonl`;
    const name = "n".repeat(199);
    const lines = ["user", "agent", "agent"].map((role, i) =>
      JSON.stringify({
        id: `${i}${name}`,
        conversationId: `c${name}`,
        sessionId: `s${name}`,
        role,
        speaker: role[0] + name,
        // Different words, so that the search text is as long as it can be.
        text: Array.from({ length: 100_000 }, (_, word) =>
          (word + i).toString(36).padStart(6, "q")).join(" ") + "x",
        at: 8.64e15 - 1,
      })
    );
    await Deno.writeTextFile(file, `\uFEFF${lines.join("\n")}`);
    const { code, stdout, stderr } = await demo([file, "--ask", "qqqqq7"]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "1 exchange and 1 single message ");
    assertStringIncludes(stdout, "3 messages were new");
    const byAgent = stdout.split(`  a${name}  `).length - 1;
    assertEquals(byAgent, 2, "each of the agent's messages names its speaker");
  }));

Deno.test("a database that cannot be opened ends the run with its reason", () =>
  inDirectory(async (folder) => {
    const { code, stderr } = await demo(["--db", `${folder}/none/demo.db`]);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "The database file cannot be read and written",
    );
  }));

Deno.test("bad options are refused by name", async () => {
  for (
    const [args, reason] of [
      [["--dbb", "x"], "unknown option --dbb"],
      [["--limit", "0"], "--limit must be an integer from 1 to 100, got 0"],
      [["--ask"], "--ask needs a value"],
      [["none/such.jsonl"], "such.jsonl"],
    ] as const
  ) {
    const { code, stderr } = await demo([...args]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, reason);
  }
});

/** Measuring data that some machines have beside the clone. */
const talk = new URL("../shared/data/talk1.messages.jsonl", root);
const questions = new URL("../shared/data/talk1.questions.jsonl", root);
const hasTalk = await Deno.stat(talk).then(() => true, () => false);

Deno.test({
  name:
    "a conversation over months is remembered and answers its first question",
  // The data may be used for measuring only, so it cannot come with the clone.
  ignore: !hasTalk,
  async fn() {
    const text = await Deno.readTextFile(talk);
    const messages = parseConversation(text, "talk1");
    const exchanges = toTurns(messages).filter((turn) => "user" in turn).length;
    const { question, evidence } = JSON.parse(
      (await Deno.readTextFile(questions)).split("\n")[0]!,
    );
    const { code, stdout, stderr } = await demo([
      talk.pathname,
      "--ask",
      question,
      "--limit",
      "10",
    ]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `${exchanges} exchanges`);
    const proof = messages.find(({ id }) => id === evidence[0])!;
    assert(
      stdout.includes(proof.text.replace(/\s+/g, " ")),
      `not among the first ten:\n${stdout}`,
    );
  },
});
