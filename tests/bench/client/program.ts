/**
 * Measures one client under one load, on whatever runtime runs it. Prints a line of JSON that begins with
 * `MEASURED`.
 *
 * Usage: `program URL CLIENT LOAD COUNT`
 */
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import process from "node:process";
import { AsyncConvexClient } from "../../../src/client/async_convex_client.ts";
import { measure } from "./measure.ts";

interface Caller {
  query(name: string, args: Record<string, unknown>): Promise<unknown>;
  mutation(name: string, args: Record<string, unknown>): Promise<unknown>;
  /** The first result of a query that is followed. */
  followed(name: string, args: Record<string, unknown>): Promise<unknown>;
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
  const [name, workers = "auto"] = contender.split(", workers: ");
  if (name === "ours") {
    const client = AsyncConvexClient.http(url, {
      workers: workers as "auto" | "always" | "never",
    });
    return {
      query: (name, args) => client.query(name, args),
      mutation: (name, args) => client.mutation(name, args),
      followed: (name, args) => first(client as never, name, args),
      close: () => client.close(),
    };
  }
  const client = contender === "ConvexHttpClient"
    ? new ConvexHttpClient(url, { logger: false })
    : new ConvexClient(url, { logger: false });
  return {
    query: (name, args) => client.query(name as never, args as never),
    mutation: (name, args) => client.mutation(name as never, args as never),
    followed: (name, args) => first(client as never, name, args),
    close: () => "close" in client ? client.close() : undefined,
  };
}

/** Follows a query until its first result. */
function first(
  client: {
    onUpdate(
      name: string,
      args: unknown,
      onValue: (value: unknown) => void,
      onError: (error: Error) => void,
    ): () => void;
  },
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stop = client.onUpdate(name, args, (value) => {
      resolve(value);
      queueMicrotask(() => stop());
    }, reject);
  });
}

const [form, bytesText] = load.replace("live-", "").split("-");
const bytes = Number(bytesText);
const call = (client: Caller, id: number) =>
  load === "small"
    ? client.query("bench:small", { id })
    : load === "mutation"
    ? client.mutation("bench:write", { text: `note ${id}` })
    : client[load.startsWith("live-") ? "followed" : "query"](
      `bench:${form}`,
      { bytes, id },
    );

const client = open();
// First one by one, as the wave would not show what a function's answers are like; then so many that hosts compile.
const isLarge = bytes > 1e6;
for (let id = 0; id < (isLarge ? 6 : 20); id++) await call(client, -1 - id);
if (bytes > 0 && !isLarge) {
  const wave = Array.from({ length: 200 }, (_, at) => call(client, -30 - at));
  await Promise.all(wave);
}
const measured = await measure(async () => {
  const wave = Math.min(count, 1000);
  for (let from = 0; from < count; from += wave) {
    await Promise.all(
      Array.from({ length: wave }, (_, at) => call(client, from + at)),
    );
  }
});
console.log(`\nMEASURED ${JSON.stringify(measured)}`);
await client.close();
process.exit(0);
