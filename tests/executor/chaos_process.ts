/** The chaos in a process of Node or Bun. Arguments: number of tasks, seed. */
import {
  webWorkerClass,
  workerThreads,
} from "../../src/executor/hosts/detect.ts";
import { chaos } from "../../src/testing/executor/chaos.ts";
import { seededRandom } from "../../src/testing/support/random.ts";

const { process } = globalThis as unknown as {
  process: {
    argv: string[];
    exit(code: number): never;
    on(event: "unhandledRejection", listener: (error: unknown) => void): void;
  };
};
const [tasks, seed] = process.argv.slice(2).map(Number) as [number, number];
const fail = (error: unknown) => {
  console.error(error);
  process.exit(1);
};
process.on("unhandledRejection", fail);
if (!webWorkerClass() && !workerThreads()) fail("this host has no workers");
const kind = webWorkerClass() ? "web-worker" : "worker-threads";
try {
  await chaos(kind, tasks, seededRandom(seed));
  await chaos("inline", Math.ceil(tasks / 10), seededRandom(seed));
  console.log(`${tasks} tasks in workers, ${Math.ceil(tasks / 10)} inline`);
} catch (error) {
  fail(error);
}
