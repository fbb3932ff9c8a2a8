import { assert, assertEquals, assertMatch } from "@std/assert";
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { denoHandler } from "../../src/server/hosts/serve_deno.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { deno, findNode, pathOf, run } from "../../tools/command.ts";
import { freePort } from "../support/free_port.ts";
import { started } from "./started.ts";

/** What each program prints. */
const prints: Record<string, RegExp> = {
  "01_remember_and_recall.ts": /^\d\.\d\d .*scanner in room 4 jams/,
  "02_keep_in_a_file.ts": /spare key is under the third flower pot/,
  "03_many_at_once.ts": /^100 remembered\n10 conversations\n$/,
  "04_your_own_client.ts": /^\[ 12n, 5n \]\n$/,
  "05_fetch_handler.ts":
    /^That is new to me\.\nI remember something about that\.\n$/,
  "06_chat_agent.ts":
    /> What is Nora allergic to\?\nYou told me: My daughter Nora is allergic to peanuts\.\n$/,
  "07_hive_space.ts":
    /^inspector said: Frame 41 has a crack.*\n1 by the planner, 1 space of the inspector\n$/,
  "08_gdpr_erase.ts":
    /^12 rows in .*vector.*\n\d+ rows handed over\n12 rows erased, complete: true\n\[\]\n$/,
  "09_export_and_import.ts":
    /^(\d+) read\n\1 rows, 300 of them memories\n300\n$/,
  "14_facts_and_vectors.ts":
    /^SUPERSEDE: Ines lives in Braga\nvector I live in Porto with two cats\.\n$/,
};

/** Handlers of notes: what is POSTed to a path is found by a GET of `?q=`. */
const serves = ["10_deno_deploy.ts", "11_node_server.ts", "12_edge_handler.ts"];

/** What runs inside workerd alone: `deno task test:hosts workerd` asks it. */
const elsewhere = ["13_durable_object.ts"];

const examples = [...Deno.readDirSync(pathOf("examples"))]
  .map(({ name }) => name).filter((name) => name.endsWith(".ts")).sort();

Deno.test("every example is tried here", async () => {
  assertEquals(
    examples,
    [...Object.keys(prints), ...serves, ...elsewhere].sort(),
  );
  const onWorkerd = await Deno.readTextFile(pathOf("tests/hosts/workerd.ts"));
  for (const name of elsewhere) assert(onWorkerd.includes(`examples/${name}`));
  for (const name of examples) {
    const lines = (await textOf(name)).split("\n");
    assert(lines.length <= 60, `${name} has at most 60 lines`);
    assertMatch(lines[0]!, / Run: .*examples\/\d+_\w+\.ts$/, name);
  }
});

for (const [name, expected] of Object.entries(prints)) {
  Deno.test(`examples/${name} runs as its first line says`, async () => {
    const [, command] = (await textOf(name)).match(/ Run: deno run (.*)\n/) ??
      [];
    assert(command, "the first line says how to run it");
    const { code, stdout, stderr } = await deno(
      ["run", "--no-prompt", ...command.split(" ")],
      { quiet: true, timeoutMs: 60_000 },
    );
    assertEquals(code, 0, stderr);
    assertMatch(stdout, expected);
  });
}

const node = await findNode();

Deno.test({
  name: "the examples that are not Deno's run on Node 24",
  ignore: !("path" in node && isAtLeast(node.version, 24, 0)),
  async fn() {
    assert("path" in node);
    for (const [name, expected] of Object.entries(prints)) {
      if ((await textOf(name)).includes("Deno.")) continue;
      const { code, stdout, stderr } = await run(node.path, {
        args: ["--no-warnings", pathOf(`examples/${name}`)],
        quiet: true,
        timeoutMs: 60_000,
      });
      assertEquals(code, 0, `${name}: ${stderr}`);
      assertMatch(stdout, expected, name);
    }
  },
});

Deno.test("examples/10_deno_deploy.ts serves notes", () =>
  withDeployment(async (convexUrl) => {
    const port = freePort();
    await using _ = await started(Deno.execPath(), {
      args: [
        "serve",
        "-EN",
        "--no-prompt",
        "--host=127.0.0.1",
        `--port=${port}`,
        pathOf("examples/10_deno_deploy.ts"),
      ],
      env: { CONVEX_URL: convexUrl },
      port,
    });
    await assertServes((path, init) =>
      fetch(`http://127.0.0.1:${port}${path}`, init)
    );
    const post = async (body: string, key = "k-1") => {
      const headers = { "idempotency-key": key };
      const init = { method: "POST", body, headers };
      const response = await fetch(`http://127.0.0.1:${port}/once`, init);
      return [response.status, await response.text()] as const;
    };
    assertEquals(await post("Said once."), await post("Said once."));
    for (const key of ["k-1", "k".repeat(201)]) {
      const [status, text] = await post("Something else.", key);
      assertEquals(status, 400);
      assertMatch(text, /idempotencyKey|IDEMPOTENCY_CONFLICT/);
    }
  }));

/** Runs TypeScript and has SQLite, as the example's first line says. */
const newNode = "path" in node && isAtLeast(node.version, 22, 18)
  ? node.path
  : undefined;

for (
  const { name, command, args } of [
    { name: "Node", command: newNode, args: ["--no-warnings"] },
    { name: "Deno", command: Deno.execPath(), args: ["run", "-A"] },
  ]
) {
  Deno.test({
    name: `examples/11_node_server.ts keeps notes over a restart on ${name}`,
    ignore: command === undefined,
    async fn() {
      assert(command);
      const folder = await Deno.makeTempDir();
      try {
        const port = freePort();
        const program = {
          args: [...args, pathOf("examples/11_node_server.ts")],
          env: { PORT: String(port), CORTEX_DB: `${folder}/notes.db` },
          port,
        };
        const ask = (path: string, init?: RequestInit) =>
          fetch(`http://127.0.0.1:${port}${path}`, init);
        {
          await using _ = await started(command, program);
          await assertServes(ask);
        }
        await using _ = await started(command, program);
        const found = await ask("/house?q=Where%20is%20the%20meter");
        assertEquals((await found.json()).length, 1);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("examples/12_edge_handler.ts serves notes", () =>
  withDeployment(async (convexUrl) => {
    const { default: handler } = await import(
      "../../examples/12_edge_handler.ts"
    );
    await assertServes((path, init) =>
      handler.fetch(new Request(`http://edge${path}`, init), {
        CONVEX_URL: convexUrl,
      })
    );
  }));

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

async function assertServes(ask: Fetch): Promise<void> {
  const text = "The meter is behind the cellar door.";
  const stored = await ask("/house", { method: "POST", body: text });
  assertEquals(stored.status, 201);
  assertMatch((await stored.json()).memoryId, /^mem-/);
  const found = await ask("/house?q=Where%20is%20the%20meter");
  assertEquals(await found.json(), [text]);
  assertEquals(
    await (await ask("/garden?q=Where%20is%20the%20meter")).json(),
    [],
  );
  const refused = await ask("/house");
  assertEquals(refused.status, 400);
  assertMatch(await refused.text(), /query cannot be empty/);
  const empty = await ask("/house", { method: "POST", body: "" });
  assertEquals(empty.status, 400);
  assertMatch(await empty.text(), /content cannot be empty/);
}

/** Runs with Cortex's functions behind Convex's HTTP API. */
async function withDeployment(
  run: (url: string) => Promise<void>,
): Promise<void> {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    denoHandler(createConvexServer(engine)),
  );
  try {
    await run(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
    await engine.close();
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [its = 0, itsMinor = 0] = version.slice(1).split(".").map(Number);
  return its > major || its === major && itsMinor >= minor;
}

function textOf(name: string): Promise<string> {
  return Deno.readTextFile(pathOf(`examples/${name}`));
}
