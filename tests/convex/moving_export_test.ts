/** An export whose rows change between two of its parts. */
import { assert, assertEquals } from "@std/assert";
import { type Backend, backendTest } from "./backend.ts";

interface Part {
  lines: string[];
  done: boolean;
  cursor?: string;
}

backendTest(
  "a value that changes between two parts of an export comes once",
  async (backend: Backend) => {
    const set = (key: string, value: string) =>
      backend.mutation("mutable:set", { namespace: "n", key, value });
    const keys = Array.from({ length: 60 }, (_, at) => `k${at}`);
    for (const key of keys) await set(key, "v".repeat(100_000));
    let part = await backend.query<Part>("transfer:dump");
    assert(!part.done);
    await set("k0", "new");
    const { lines } = part;
    while (!part.done) {
      const { cursor } = part;
      part = await backend.query("transfer:dump", { cursor });
      lines.push(...part.lines);
    }
    const values = lines.map((line) => JSON.parse(line))
      .filter(({ table }) => table === "mutable");
    assertEquals(values.map(({ row }) => row.key), keys);
  },
);
