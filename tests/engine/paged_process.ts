/** Writes more into a file than this process may have in memory, then reads and changes it: `PATH MEBIBYTES`. */
import { openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";

const TEXT_BYTES = 16 << 10;
const BATCH = 64;

const [path, mebibytes] = Deno.args as [string, string];
const batches = Math.ceil(Number(mebibytes) * (1 << 20) / TEXT_BYTES / BATCH);
const open = () =>
  openEngine({
    schema,
    modules,
    store: openSqliteStore({ path, durability: "off" }),
  });

let engine = open();
const notes: string[] = [];
for (let batch = 0; batch < batches; batch++) {
  const note = await engine.mutation("notes:add", { owner: "a", text: "b" });
  notes.push(note as string);
  const filler = String.fromCharCode(97 + batch % 26).repeat(TEXT_BYTES);
  await engine.mutation("traps:putLinks", {
    note,
    labels: Array.from({ length: BATCH }, (_, at) => `${at} ${filler}`),
  });
}
await engine.close();

engine = open();
let links = 0;
for (const note of notes) {
  const found = await engine.query("traps:links", { note }) as {
    label: string;
  }[];
  links += found.filter(({ label }) => label.length > TEXT_BYTES).length;
}
const expected = batches * BATCH;
if (links !== expected) throw new Error(`${links} links, not ${expected}`);
await engine.mutation("traps:deleteLinks", { note: notes[0] });
await engine.close();
console.log("done");
