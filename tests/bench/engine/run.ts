/**
 * One engine at one size, on the runtime that runs it: `FOLDER ENGINE SIZE PART...`. Reads what to do from its input, a
 * line each, and answers each with a line. Started by `main.ts`, which lets several take turns.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { bare } from "./bare.ts";
import { batch } from "./measure.ts";
import {
  bulkCalls,
  type Calls,
  loadItems,
  loadVectors,
  readAll,
  readCalls,
  SAME_FEW,
  vectorCalls,
} from "./reads.ts";
import { inFile, inMemory, mock, type Subject } from "./subjects.ts";
import { measureWrites } from "./writes.ts";

/** What to do: make calls of a kind for some time, open the file anew, or end. */
export type Request =
  | { call: string; budgetMs: number }
  | { reopen: true }
  | { writes: true }
  | { end: true };

const [folder, engine, sizeText, ...parts] = process.argv.slice(2) as [
  string,
  string,
  string,
  ...string[],
];
const size = Number(sizeText);
const path = `${folder}/${size}.db`;
let subject: Subject | undefined;

function open(): Subject {
  return engine === "bare"
    ? bare()
    : engine === "mock"
    ? mock()
    : engine === "memory"
    ? inMemory()
    : inFile(path);
}

async function load(): Promise<Calls> {
  if (engine === "writes") return {};
  const calls: Calls = {};
  subject = open();
  if (parts.includes("reads")) {
    const ids = await loadItems(subject, size);
    // The mock reads all it has in every call, and the objects are where they are.
    if (engine === "memory" || engine === "file") await readAll(subject);
    Object.assign(calls, readCalls(subject, size, ids));
    if (engine === "mock") {
      // It looks at every document in any case.
      for (const name of Object.keys(calls)) {
        if (name.endsWith(SAME_FEW)) delete calls[name];
      }
    }
    if (engine === "bare") {
      delete calls["mutation, 20 reads"];
      delete calls["text search"];
    }
  }
  if (parts.includes("vectors")) {
    await loadVectors(subject, size);
    Object.assign(calls, vectorCalls(subject));
  }
  if (parts.includes("bulk")) Object.assign(calls, bulkCalls(subject, size));
  return calls;
}

/** ms from opening the file to the first answers. */
async function reopen() {
  await subject!.close();
  const start = performance.now();
  subject = open();
  await subject.query("bench:take", { group: "group-1", from: 0 });
  const read = performance.now() - start;
  await subject.query("bench:search", { text: "w1 w2 w3" });
  return { read, search: performance.now() - start };
}

function answer(value: unknown): void {
  console.log(JSON.stringify(value));
}

const calls = await load();
answer(Object.keys(calls));
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  if ("call" in request) {
    answer(await batch(calls[request.call]!, request.budgetMs));
  } else if ("reopen" in request) answer(await reopen());
  else if ("writes" in request) answer(await measureWrites(folder));
  else break;
}
await subject?.close();
answer("closed");
process.exit();
