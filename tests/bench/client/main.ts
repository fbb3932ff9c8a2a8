/**
 * `AsyncConvexClient` beside Convex's own clients, over HTTP and WebSocket, on Deno, Node 24 and Bun. Run by
 * `deno task bench:client`; arguments choose runtimes and loads by the beginnings of their names.
 */
import { build, stop } from "esbuild";
import { pathOf, run } from "../../../tools/command.ts";
import { installRuntimes } from "../../../tools/runtimes.ts";
import { held } from "./held.ts";
import type { Measured } from "./measure.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Each load, the server's delay for it, and how many calls. */
const LOADS = [
  { load: "small", what: "10,000 small queries", delayMs: 0, count: 10_000 },
  { load: "mutation", what: "2000 mutations, 20 ms", delayMs: 20, count: 2000 },
  ...["objects", "numbers", "bytes"].flatMap((form) => [
    large(form, 256 * KIB, "256 KiB", 500),
    large(form, 8 * MIB, "8 MiB", 20),
  ]),
  ...["objects", "numbers", "bytes"].flatMap((form) => [
    followed(form, MIB, "1 MiB", 20),
    followed(form, 8 * MIB, "8 MiB", 5),
  ]),
];
const CONTENDERS = [
  "ours",
  "ours, workers: never",
  "ConvexHttpClient",
  "ConvexClient",
];

function large(form: string, bytes: number, size: string, count: number) {
  const what = `${form}: ${count} of ${size}`;
  return { load: `${form}-${bytes}`, what, delayMs: 0, count };
}

function followed(form: string, bytes: number, size: string, count: number) {
  const what = `followed ${form}: ${count} of ${size}`;
  return { load: `live-${form}-${bytes}`, what, delayMs: 0, count };
}

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
  "Deno": [
    Deno.execPath(),
    "run",
    "-A",
    "--v8-flags=--trace-gc,--expose-gc",
    program,
  ],
  "Node 24": [found.node(24), "--trace-gc", "--expose-gc", program],
  "Bun": [found.bun, program],
};

const chosen = (name: string, all: readonly string[]) => {
  const wanted = Deno.args.filter((arg) => all.some((one) => is(one, arg)));
  return wanted.length === 0 || wanted.some((arg) => is(name, arg));
};
const is = (name: string, arg: string) =>
  name.toLowerCase().startsWith(arg.toLowerCase());

console.log(
  "| runtime | load | client | calls/s | main thread, ms/call | loop delay p99, ms | max, ms | longest turn, ms of CPU | without GC |",
);
console.log("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const [runtime, [command, ...args]] of Object.entries(commands)) {
  if (!chosen(runtime, Object.keys(commands))) continue;
  for (const { load, what, delayMs, count } of LOADS) {
    if (!chosen(load, LOADS.map(({ load }) => load))) continue;
    for (const contender of CONTENDERS) {
      const isOurs = contender.startsWith("ours");
      // Small answers stay on this thread in any case.
      if (!load.includes("-") && isOurs && contender !== "ours") continue;
      if (load.startsWith("live-") && contender === "ConvexHttpClient") {
        continue;
      }
      // One at a time, the whole would take most of a minute, and say no more.
      const calls = load === "mutation" && !isOurs ? count / 20 : count;
      const server = await startServer(delayMs);
      const { stdout } = await run(command!, {
        args: [...args, server.url, contender, load, String(calls)],
        quiet: true,
        timeoutMs: 60_000,
      });
      await server.close();
      console.log(
        `| ${runtime} | ${what} | ${contender} | ${cells(stdout, calls)} |`,
      );
    }
  }
}
Deno.exit(0);

function cells(output: string, calls: number): string {
  const line = /^MEASURED (.*)$/m.exec(output)?.[1];
  if (line === undefined) return "failed | | | | |";
  const measured: Measured = JSON.parse(line);
  const { elapsedMs, cpuMs, p99Ms, maxMs } = measured;
  const { turnMs, ownMs } = held(measured, output);
  return [
    (calls / elapsedMs * 1000).toFixed(0),
    (cpuMs / calls).toFixed(3),
    ...[p99Ms, maxMs, turnMs, ownMs].map((ms) => ms?.toFixed(1) ?? "–"),
  ].join(" | ");
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
    stderr: "null",
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
