// Move everything from one machine to a deployment, or back, as lines of JSON. Run: deno run -A examples/09_export_and_import.ts
import { Cortex } from "../mod.ts";

const folder = await Deno.makeTempDir();
const backup = `${folder}/backup.jsonl`;

{
  await using cortex = new Cortex({ path: `${folder}/small.db` });
  await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      cortex.memory.store("herbarium", {
        content: `Sheet ${at}: a fern from plot ${at % 9}, collected in May.`,
        contentType: "raw",
        source: { type: "system" },
        metadata: { importance: 40, tags: [`plot-${at % 9}`] },
      })),
  );
  await ReadableStream.from(cortex.exportAll())
    .pipeThrough(new TextEncoderStream())
    .pipeTo((await Deno.create(backup)).writable);
}

// Or directly: await large.importAll(small.exportAll());
await using cortex = new Cortex(
  Deno.env.has("CONVEX_URL") ? { convexUrl: Deno.env.get("CONVEX_URL")! } : {},
);
const { imported, tables } = await cortex.importAll(
  (await Deno.open(backup)).readable,
  {
    onProgress: ({ processed, done }) =>
      done && console.log(`${processed} read`),
  },
);
console.log(`${imported} rows, ${tables.memories} of them memories`);
console.log(await cortex.memory.count({ memorySpaceId: "herbarium" }));

await Deno.remove(folder, { recursive: true });
