/**
 * Measures on the runtime that runs it and prints figures as JSON: `FOLDER SIZES [part ...]`. Started by `main.ts`.
 */
import process from "node:process";
import {
  type Figures,
  loadItems,
  measureBulk,
  measureReads,
  measureVectors,
} from "./reads.ts";
import { inFile, inMemory, mock, type Subject } from "./subjects.ts";
import { measureWrites } from "./writes.ts";

const [folder, sizeList, ...parts] = process.argv.slice(2) as [
  string,
  string,
  ...string[],
];
const sizes = sizeList.split(",").map(Number);
/** Beyond, vectors and their documents are measured in a file only: they take gigabytes of memory. */
const MAX_VECTORS_IN_MEMORY = 10_000;

const engines = ["mock", "memory", "file"];
const chosen = parts.filter((part) => engines.includes(part));
const measured = parts.filter((part) => !engines.includes(part));

/** Whether an engine, or what is measured of it, was asked for. */
function has(part: string): boolean {
  const asked = engines.includes(part) ? chosen : measured;
  return asked.length === 0 || asked.includes(part);
}

function report(engine: string, size: number, figures: Figures): void {
  console.log(JSON.stringify({ engine, size, figures }));
}

async function measure(
  engine: string,
  open: () => Subject,
  size: number,
): Promise<void> {
  const subject = open();
  const figures: Figures = {};
  if (has("reads")) {
    const ids = await loadItems(subject, size);
    Object.assign(figures, await measureReads(subject, size, ids));
  }
  if (has("bulk")) Object.assign(figures, await measureBulk(subject, size));
  if (
    has("vectors") && (engine === "file" || size <= MAX_VECTORS_IN_MEMORY)
  ) {
    Object.assign(figures, await measureVectors(subject, size));
  }
  await subject.close();
  report(engine, size, figures);
}

for (const size of sizes) {
  const path = `${folder}/${size}.db`;
  if (has("mock")) await measure("mock", mock, size);
  if (has("memory")) await measure("memory", inMemory, size);
  if (has("file")) {
    await measure("file", () => inFile(path), size);
    const start = performance.now();
    const again = inFile(path);
    await again.query("bench:take", { group: "group-1", from: 0 });
    const first = performance.now() - start;
    await again.query("bench:search", { text: "w1 w2 w3" });
    report("file", size, {
      "open to first read": first,
      "open to first text search": performance.now() - start,
    });
    await again.close();
  }
}
if (has("writes")) {
  const { ours, raw } = await measureWrites(folder);
  report("file", 0, ours);
  report("raw", 0, raw);
}
