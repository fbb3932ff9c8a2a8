/** The faults in a process of Node or Bun. Arguments: number of calls, seed. */
import { calls, callsFromMortalWorker } from "../contracts/faults.ts";

const { process, gc, Bun } = globalThis as unknown as {
  process: {
    argv: string[];
    exit(code: number): never;
    on(event: "unhandledRejection", listener: (error: unknown) => void): void;
    memoryUsage(): { heapUsed: number };
  };
  gc?(): void;
  Bun?: { gc(isForced: true): void };
};
const [count, seed] = process.argv.slice(2).map(Number) as [number, number];
const fail = (error: unknown) => {
  console.error(error);
  process.exit(1);
};
process.on("unhandledRejection", fail);

function heapMb(): number {
  Bun?.gc(true);
  gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

try {
  console.log(await calls(count, seed, heapMb));
  console.log(await callsFromMortalWorker(count / 2, seed, heapMb));
} catch (error) {
  fail(error);
}
