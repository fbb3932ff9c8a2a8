/**
 * A hundred remembers, one after another and all at once: how many requests they take, how long, and what they do to
 * the caller's event loop. Run by `deno task bench:gather`.
 */
import { ConvexHttpClient } from "convex/browser";
import { Cortex, type CortexConfig } from "../../../mod.ts";
import { watchLoopDelay } from "../../../examples/demo/loop_delay.ts";
import { callCount, exchange, rawCalls } from "./workload.ts";

const delayMs = 20;

/** One way to make the calls of a round; `start(i)` starts call `i`. */
interface Contender {
  name: string;
  start(round: string): Promise<(i: number) => Promise<unknown>>;
  /** Requests and waves since it was last asked. */
  counts(): Promise<{ requests: number; waves?: number }>;
  close(): Promise<void>;
}

interface Row {
  name: string;
  mode: string;
  elapsedMs: number;
  requests: number;
  waves?: number;
  p99Ms: number;
  maxMs: number;
}

function embedded(
  name: string,
  config: CortexConfig,
  cleanUp?: () => Promise<void>,
): Contender {
  const cortex = new Cortex(config);
  let seen = 0;
  return {
    name,
    start: (round) =>
      Promise.resolve((i) => cortex.memory.remember(exchange(round, i))),
    counts: () => {
      const { requests } = cortex.stats();
      const since = requests - seen;
      seen = requests;
      return Promise.resolve({ requests: since });
    },
    close: async () => {
      await cortex.close();
      await cleanUp?.();
    },
  };
}

async function sqlite(): Promise<Contender> {
  const folder = await Deno.makeTempDir();
  return embedded(
    "embedded, SQLite file",
    { path: `${folder}/bench.db` },
    () => Deno.remove(folder, { recursive: true }),
  );
}

/** Starts the server process and a contender that talks to it. */
async function overHttp(
  name: string,
  connect: (url: string) => Pick<Contender, "start" | "close">,
): Promise<Contender> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("server.ts", import.meta.url).pathname,
      String(delayMs),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const input = child.stdin.getWriter();
  const readLine = async () => ((await lines.read()).value ?? "").trim();
  const { start, close } = connect(await readLine());
  return {
    name,
    start,
    async counts() {
      await input.write(new TextEncoder().encode("\n"));
      return JSON.parse(await readLine());
    },
    async close() {
      await close();
      await input.close();
      await child.status;
      await lines.cancel();
    },
  };
}

function cortexOverHttp(url: string): Pick<Contender, "start" | "close"> {
  const cortex = new Cortex({ convexUrl: url });
  return {
    start: (round) =>
      Promise.resolve((i) => cortex.memory.remember(exchange(round, i))),
    close: () => cortex.close(),
  };
}

function convexHttpClient(url: string): Pick<Contender, "start" | "close"> {
  const client = new ConvexHttpClient(url);
  return {
    async start(round) {
      const calls = await rawCalls(round);
      return (i) =>
        client.mutation(calls[i]!.name as never, calls[i]!.args as never);
    },
    close: () => Promise.resolve(),
  };
}

async function measure(
  contender: Contender,
  mode: "one by one" | "all at once",
  round: string,
): Promise<Row> {
  const start = await contender.start(round);
  await contender.counts();
  const stopWatching = watchLoopDelay(1);
  const startMs = performance.now();
  if (mode === "one by one") {
    for (let i = 0; i < callCount; i++) await start(i);
  } else {
    await Promise.all(Array.from({ length: callCount }, (_, i) => start(i)));
  }
  const elapsedMs = performance.now() - startMs;
  const { p99Ms, maxMs } = stopWatching();
  return {
    name: contender.name,
    mode,
    elapsedMs,
    p99Ms,
    maxMs,
    ...await contender.counts(),
  };
}

const contenders = [
  () => Promise.resolve(embedded("embedded, in memory", {})),
  sqlite,
  () => overHttp(`HTTP, ${delayMs} ms an answer`, cortexOverHttp),
  () => overHttp(`ConvexHttpClient, ${delayMs} ms`, convexHttpClient),
];
const rows: Row[] = [];
for (const open of contenders) {
  const contender = await open();
  // The first call opens what the contender needs; the second round meets warm code.
  await measure(contender, "all at once", "warm-up");
  rows.push(await measure(contender, "one by one", "single"));
  rows.push(await measure(contender, "all at once", "gather"));
  await contender.close();
}

console.log(
  `| ${callCount} remembers | | elapsed | requests | waves | loop delay p99 | max |`,
);
console.log("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
for (const { name, mode, elapsedMs, requests, waves, p99Ms, maxMs } of rows) {
  console.log(
    `| ${name} | ${mode} | ${elapsedMs.toFixed(0)} ms | ${requests} | ${
      waves ?? "–"
    } | ` +
      `${p99Ms.toFixed(1)} ms | ${maxMs.toFixed(1)} ms |`,
  );
}
const gathered = rows.filter(({ mode }) => mode === "all at once");
const [ours, theirs] = [gathered[2]!, gathered[3]!];
console.log(
  `\nAll at once over HTTP: ${
    (theirs.elapsedMs / ours.elapsedMs).toFixed(1)
  } times as fast as ConvexHttpClient, ` +
    `with ${ours.requests} instead of ${theirs.requests} requests.`,
);
