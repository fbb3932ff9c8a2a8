/**
 * Writes more into a file than this process may have in memory, then reads and changes it: `MEBIBYTES`. Who starts it
 * limits the heap; Bun has no such limit, so there it looks itself how large that has become.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, memoryUsage } from "node:process";
import { openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";

const bun = (globalThis as { Bun?: { gc(force: boolean): void } }).Bun;
const TEXT_BYTES = 16 << 10;
const BATCH = 64;

const mebibytes = Number(argv[2]);
const batches = Math.ceil(mebibytes * (1 << 20) / TEXT_BYTES / BATCH);
const directory = mkdtempSync(join(tmpdir(), "paged-"));
const path = join(directory, "a.db");
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
if (bun) {
  bun.gc(true);
  const heap = memoryUsage().heapUsed / (1 << 20);
  if (heap > mebibytes / 2) throw new Error(`${heap} MiB are in memory`);
}
await engine.close();
rmSync(directory, { recursive: true });
console.log("done");
