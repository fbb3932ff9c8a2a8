/**
 * `AsyncConvexClient` beside Convex's own clients, over HTTP and WebSocket, on Deno, Node 24 and Bun. Run by
 * `deno task bench:client`; arguments choose the runtimes.
 */
import { build, stop } from "esbuild";
import { pathOf, run } from "../../../tools/command.ts";
import { installRuntimes } from "../../../tools/runtimes.ts";

/** Each load, the server's delay for it, how many calls, and how many of Convex's HTTP client's serial mutations. */
const LOADS = [
  { load: "small", what: "10,000 small queries", delayMs: 0, count: 10_000 },
  { load: "mutation", what: "2000 mutations, 20 ms", delayMs: 20, count: 2000 },
  {
    load: "objects-262144",
    what: "500 queries of 256 KiB",
    delayMs: 0,
    count: 500,
  },
  {
    load: "bytes-262144",
    what: "500 of 256 KiB, bytes",
    delayMs: 0,
    count: 500,
  },
  {
    load: "objects-8388608",
    what: "20 queries of 8 MiB",
    delayMs: 0,
    count: 20,
  },
];
const CONTENDERS = ["ours", "ConvexHttpClient", "ConvexClient"];

const program = pathOf("dist/bench_client.mjs");
await build({
  entryPoints: [pathOf("tests/bench/client/program.ts")],
  outfile: program,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  logLevel: "error",
});
await stop();

const found = await installRuntimes();
const commands: Record<string, string[]> = {
  "Deno": [Deno.execPath(), "run", "-A", program],
  "Node 24": [found.node(24), program],
  "Bun": [found.bun, program],
};

console.log(
  "| runtime | load | client | calls/s | main thread, ms/call | loop delay p99 | max |",
);
console.log("| --- | --- | --- | ---: | ---: | ---: | ---: |");
for (const [runtime, [command, ...args]] of Object.entries(commands)) {
  if (Deno.args.length > 0 && !Deno.args.includes(runtime)) continue;
  for (const { load, what, delayMs, count } of LOADS) {
    for (const contender of CONTENDERS) {
      // One at a time, the whole would take most of a minute, and say no more.
      const calls = load === "mutation" && contender !== "ours"
        ? count / 20
        : count;
      const server = await startServer(delayMs);
      const { stdout } = await run(command!, {
        args: [...args, server.url, contender, load, String(calls)],
        quiet: true,
        timeoutMs: 60_000,
      });
      await server.close();
      print(runtime, what, contender, stdout.trim().split("\n").at(-1) ?? "");
    }
  }
}
Deno.exit(0);

function print(runtime: string, what: string, contender: string, line: string) {
  if (!line.startsWith("{")) {
    console.log(`| ${runtime} | ${what} | ${contender} | failed | | | |`);
    return;
  }
  const { perSecond, cpuMsPerCall, p99Ms, maxMs } = JSON.parse(line);
  console.log(
    `| ${runtime} | ${what} | ${contender} | ${perSecond.toFixed(0)} | ${
      cpuMsPerCall.toFixed(3)
    } | ${p99Ms.toFixed(1)} ms | ${maxMs.toFixed(1)} ms |`,
  );
}

async function startServer(delayMs: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      pathOf("tests/bench/client/server.ts"),
      String(delayMs),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = ((await lines.read()).value ?? "").trim();
  return {
    url,
    async close() {
      await child.stdin.close();
      await child.status;
      await lines.cancel();
    },
  };
}
