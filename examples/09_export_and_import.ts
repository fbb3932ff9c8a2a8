// Move everything from one machine to a deployment, or back, as lines of JSON. Run: deno run -A examples/09_export_and_import.ts
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { Cortex } from "../mod.ts";

const folder = await mkdtemp(`${tmpdir()}/backup-`);
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
  await pipeline(cortex.exportAll(), createWriteStream(backup));
}

// Or directly: await large.importAll(small.exportAll());
const { CONVEX_URL: convexUrl } = process.env;
await using cortex = new Cortex(convexUrl ? { convexUrl } : {});
const { imported, tables } = await cortex.importAll(createReadStream(backup), {
  onProgress: ({ processed, done }) => done && console.log(`${processed} read`),
});
console.log(`${imported} rows, ${tables.memories} of them memories`);
console.log(await cortex.memory.count({ memorySpaceId: "herbarium" }));

await rm(folder, { recursive: true });
