// AsyncConvexClient runs any synchronous client; a module URL moves it into workers. Run: deno run examples/04_your_own_client.ts
import { AsyncConvexClient, type SyncConvexClient } from "../mod.ts";

const stock = new Map([["apples", 12n], ["pears", 0n]]);

const client: SyncConvexClient = {
  query: (name, { item }) => {
    if (name !== "stock:count") throw new Error(`no query ${name}`);
    return stock.get(item as string) ?? null;
  },
  mutation: (name, { item, by }) => {
    if (name !== "stock:add") throw new Error(`no mutation ${name}`);
    stock.set(
      item as string,
      (stock.get(item as string) ?? 0n) + (by as bigint),
    );
    return null;
  },
  action: (name) => {
    throw new Error(`no action ${name}`);
  },
};

await using convex = new AsyncConvexClient(client);
await convex.mutation("stock:add", { item: "pears", by: 5n });
const counts = await Promise.all(
  ["apples", "pears"].map((item) => convex.query("stock:count", { item })),
);
console.log(counts);
