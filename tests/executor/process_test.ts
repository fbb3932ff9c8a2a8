import { assert, assertEquals } from "@std/assert";
import { findNode, pathOf } from "../../tools/command.ts";

const program = pathOf("tests/executor/fixtures/process.ts");

interface Outcome {
  output: string;
  /** Undefined: it had to be killed. */
  code: number | undefined;
}

/** Runs a program until it ends or until it has had `timeoutMs`. */
async function outcome(
  command: string,
  args: string[],
  timeoutMs: number,
): Promise<Outcome> {
  const child = new Deno.Command(command, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let wasKilled = false;
  const timer = setTimeout(() => {
    wasKilled = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const { stdout, code } = await child.output();
  clearTimeout(timer);
  return {
    output: new TextDecoder().decode(stdout).trim(),
    code: wasKilled ? undefined : code,
  };
}

function runDeno(
  flags: string[],
  options: object,
  timeoutMs: number,
): Promise<Outcome> {
  const config = `--config=${pathOf("deno.json")}`;
  return outcome(
    Deno.execPath(),
    ["run", "--no-check", config, ...flags, program, JSON.stringify(options)],
    timeoutMs,
  );
}

Deno.test("an idle executor lets a Deno process end, without any permission", async () => {
  const { output, code } = await runDeno(["--no-prompt"], {}, 20_000);
  assertEquals([output, code], ["42 web-worker", 0]);
});

Deno.test("an idle executor of Deno's worker_threads lets the process end", async () => {
  const options = { kinds: ["worker-threads"] };
  const { output, code } = await runDeno(["--no-prompt"], options, 20_000);
  assertEquals([output, code], ["42 worker-threads", 0]);
});

Deno.test("a task that waits for one that was given up keeps the process alive", async () => {
  const options = { kinds: ["worker-threads"], behind: true };
  const { output, code } = await runDeno([], options, 20_000);
  assertEquals([output, code], ["42 worker-threads \n7", 0]);
});

Deno.test("a stateful executor keeps the process alive until it is closed", async () => {
  const { output, code } = await runDeno([], { stateful: true }, 3000);
  assertEquals([output, code], ["42 web-worker", undefined]);
});

Deno.test("a worker file that Deno may not read gives way to the inline handler", async () => {
  const url = new URL("./fixtures/file_worker.ts", import.meta.url).href;
  const options = { worker: { url }, inline: true };
  const { output, code } = await runDeno(["--no-prompt"], options, 20_000);
  assertEquals(code, 0);
  assert(output.startsWith("42 inline the web-worker worker failed"), output);
});

Deno.test("a worker file that Deno may read runs", async () => {
  const url = new URL("./fixtures/file_worker.ts", import.meta.url).href;
  const options = { worker: { url } };
  const { output, code } = await runDeno(["-R"], options, 20_000);
  assertEquals([output, code], ["42 web-worker", 0]);
});

const node = await findNode();
Deno.test({
  name: "an idle executor lets a Node process end",
  ignore: "missing" in node,
  async fn() {
    assert("path" in node);
    const { build, stop } = await import("esbuild");
    const outfile = await Deno.makeTempFile({ suffix: ".mjs" });
    try {
      await build({
        entryPoints: [program],
        outfile,
        bundle: true,
        format: "esm",
        platform: "neutral",
        target: "es2022",
        logLevel: "error",
      });
      for (const behind of [false, true]) {
        const { output, code } = await outcome(
          node.path,
          [outfile, JSON.stringify({ behind })],
          20_000,
        );
        const expected = behind ? "42 worker-threads \n7" : "42 worker-threads";
        assertEquals([output, code], [expected, 0]);
      }
    } finally {
      await stop();
      await Deno.remove(outfile);
    }
  },
});
