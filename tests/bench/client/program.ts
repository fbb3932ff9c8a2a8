/** Measures one client under one load, on whatever runtime runs it. Prints a line of JSON. */
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { readFileSync } from "node:fs";
import process from "node:process";
import { AsyncConvexClient } from "../../../src/client/async_convex_client.ts";

interface Caller {
  query(name: string, args: Record<string, unknown>): Promise<unknown>;
  mutation(name: string, args: Record<string, unknown>): Promise<unknown>;
  close(): unknown;
}

const [url, contender, load, countText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const count = Number(countText);

function open(): Caller {
  if (contender === "ours") return AsyncConvexClient.http(url);
  const client = contender === "ConvexHttpClient"
    ? new ConvexHttpClient(url, { logger: false })
    : new ConvexClient(url, { logger: false });
  return {
    query: (name, args) => client.query(name as never, args as never),
    mutation: (name, args) => client.mutation(name as never, args as never),
    close: () => "close" in client ? client.close() : undefined,
  };
}

const [form, bytes] = load.split("-");
const call = (client: Caller, id: number) =>
  load === "small"
    ? client.query("bench:small", { id })
    : load === "mutation"
    ? client.mutation("bench:write", { text: `note ${id}` })
    : client.query("bench:large", { form, bytes: Number(bytes), id });

/** CPU of the main thread, in ms, by the OS. */
function mainThreadMs(): number {
  const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const client = open();
for (let id = 0; id < 20; id++) await call(client, -1 - id);
const delays: number[] = [];
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  delays.push(Math.max(0, now - last - 2));
  last = now;
}, 2);
const cpuBefore = mainThreadMs();
const start = performance.now();
const wave = Math.min(count, 1000);
for (let from = 0; from < count; from += wave) {
  await Promise.all(
    Array.from({ length: wave }, (_, at) => call(client, from + at)),
  );
}
const elapsedMs = performance.now() - start;
const cpuMs = mainThreadMs() - cpuBefore;
await new Promise((done) => setTimeout(done, 5));
clearInterval(timer);
delays.sort((a, b) => a - b);
console.log(JSON.stringify({
  perSecond: count / elapsedMs * 1000,
  cpuMsPerCall: cpuMs / count,
  p99Ms: delays[Math.floor(delays.length * 0.99)] ?? 0,
  maxMs: delays.at(-1) ?? 0,
}));
await client.close();
process.exit(0);
