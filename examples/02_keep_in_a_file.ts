// Memories survive the process in a SQLite file. Run: deno run -A examples/02_keep_in_a_file.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Cortex } from "../mod.ts";

const folder = await mkdtemp(`${tmpdir()}/notes-`);
const path = `${folder}/memories.db`;

{
  await using cortex = new Cortex({ path });
  await cortex.memory.store("notes", {
    content: "The spare key is under the third flower pot.",
    contentType: "raw",
    source: { type: "system" },
    metadata: { importance: 80, tags: ["home"] },
  });
}

{
  await using cortex = new Cortex({ path });
  const found = await cortex.memory.search("notes", "Where is the spare key?");
  console.log(
    found.map((entry) => entry.content),
  );
}

await rm(folder, { recursive: true });
