/** The contenders of the benchmark, each behind the same face. Runs on Node, Deno and Bun. */
import { work } from "./tasks.ts";

/** A pool of two workers that gives each task back. */
export interface Contender {
  /** Runs one task. */
  run(task: unknown, transfer?: ArrayBuffer[]): Promise<unknown>;
  /** Ends it. */
  close(): unknown;
}

/** A way to open a contender. `folder` holds the workers' files and the packages. */
type Open = (load: Load, folder: string) => Promise<Contender>;

/** Imports a package of the folder. */
// deno-lint-ignore no-explicit-any
export type Load = (name: string) => Promise<any>;

const workers = 2;
const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

interface RawWorker {
  postMessage(message: unknown, transfer?: unknown[]): void;
  terminate(): unknown;
  listen(listener: (data: unknown) => void): void;
}

/** A worker without any library: a Web Worker, or a worker thread on Node. */
async function rawWorker(folder: string, name: string): Promise<RawWorker> {
  if (isNode) {
    const { Worker } = await import("node:worker_threads");
    const worker = new Worker(`${folder}/${name}`);
    return Object.assign(worker, {
      listen: (listener: (data: unknown) => void) =>
        void worker.on("message", listener),
    }) as unknown as RawWorker;
  }
  const worker = new Worker(new URL(`file://${folder}/${name}`), {
    type: "module",
  });
  return {
    postMessage: (message, transfer = []) =>
      worker.postMessage(message, transfer as Transferable[]),
    terminate: () => worker.terminate(),
    listen: (listener) => {
      worker.onmessage = (event) => listener(event.data);
    },
  };
}

/** How to open each contender. */
export const contenders: { readonly [name: string]: Open } = {
  ours: async (load) => {
    const { createExecutor } = await load("./ours.mjs");
    const executor = createExecutor({
      source: `const work = ${work};\n` +
        "export default (task, context) => {\n" +
        "  if (task instanceof Float32Array && task[0] === 1) context.transfer(task.buffer);\n" +
        "  return work(task);\n};",
      maxWorkers: workers,
      minWorkers: workers,
      maxQueue: 1_000_000,
    });
    return {
      run: (task, transfer) =>
        transfer ? executor.run(task, { transfer }) : executor.run(task),
      close: () => executor.close(),
    };
  },
  // No pool and no library: the floor for what messages cost.
  raw: async (_load, folder) => {
    const all = await Promise.all(
      Array.from({ length: workers }, () => rawWorker(folder, "raw.mjs")),
    );
    const waiting = new Map<number, (value: unknown) => void>();
    for (const worker of all) {
      worker.listen((data) => {
        const [id, value] = data as [number, unknown];
        const resolve = waiting.get(id)!;
        waiting.delete(id);
        resolve(value);
      });
    }
    let next = 0;
    return {
      run: (task, transfer) =>
        new Promise((resolve) => {
          const id = next++;
          waiting.set(id, resolve);
          all[id % workers]!.postMessage(
            [id, task, transfer !== undefined],
            transfer,
          );
        }),
      close: () => Promise.all(all.map((worker) => worker.terminate())),
    };
  },
  // The same after our file is loaded: no pool in a file of that size starts sooner.
  floor: async (load, folder) => {
    await load("./ours.mjs");
    return await contenders.raw!(load, folder);
  },
  piscina: (load, folder) => openPiscina(load, folder, {}),
  "piscina tuned": (load, folder) =>
    openPiscina(load, folder, {
      concurrentTasksPerWorker: 64,
      recordTiming: false,
    }),
  tinypool: async (load, folder) => {
    const { default: Tinypool } = await load("tinypool");
    const pool = new Tinypool({
      filename: `file://${folder}/tinypool.mjs`,
      minThreads: workers,
      maxThreads: workers,
    });
    return {
      run: (task, transfer) =>
        transfer ? pool.run(Tinypool.move(task)) : pool.run(task),
      close: () => pool.destroy(),
    };
  },
  workerpool: async (load, folder) => {
    const { default: workerpool } = await load("workerpool");
    const pool = workerpool.pool(`${folder}/workerpool.mjs`, {
      minWorkers: workers,
      maxWorkers: workers,
      // Its default hangs on Bun, where its Web Worker works.
      workerType: "Bun" in globalThis ? "web" : "thread",
      workerOpts: { type: "module" },
    });
    return {
      run: (task, transfer) =>
        Promise.resolve(
          pool.exec("work", [task, transfer !== undefined], { transfer }),
        ),
      close: () => pool.terminate(true),
    };
  },
  poolifier: async (load, folder) => {
    const { FixedThreadPool } = await load("poolifier");
    const pool = new FixedThreadPool(workers, `${folder}/poolifier.mjs`);
    return {
      run: (task, transfer) =>
        pool.execute({ task }, undefined, undefined, transfer),
      close: () => pool.destroy(),
    };
  },
  "poolifier-web-worker": async (load, folder) => {
    const { FixedThreadPool } = await load("poolifier-web-worker");
    const pool = new FixedThreadPool(
      workers,
      new URL(`file://${folder}/pww.mjs`),
    );
    return {
      run: (task, transfer) =>
        pool.execute({ task }, undefined, undefined, transfer),
      close: () => pool.destroy(),
    };
  },
  comlink: async (load, folder) => {
    const comlink = await load("comlink");
    const { default: nodeEndpoint } = isNode
      ? await load("comlink/dist/esm/node-adapter.mjs")
      : { default: (worker: unknown) => worker };
    const all = await Promise.all(
      Array.from({ length: workers }, async () => {
        if (!isNode) {
          return new Worker(new URL(`file://${folder}/comlink.mjs`), {
            type: "module",
          });
        }
        const { Worker: Thread } = await import("node:worker_threads");
        return new Thread(`${folder}/comlink.mjs`);
      }),
    );
    const remotes = all.map((worker) => comlink.wrap(nodeEndpoint(worker)));
    let next = 0;
    return {
      run: (task, transfer) =>
        remotes[next++ % workers].work(
          transfer ? comlink.transfer(task, transfer) : task,
          transfer !== undefined,
        ),
      close: () => all.map((worker) => worker.terminate()),
    };
  },
};

async function openPiscina(
  load: Load,
  folder: string,
  options: object,
): Promise<Contender> {
  const { Piscina } = await load("piscina");
  const pool = new Piscina({
    filename: `file://${folder}/piscina.mjs`,
    minThreads: workers,
    maxThreads: workers,
    maxQueue: Infinity,
    ...options,
  });
  return {
    run: (task, transfer) =>
      transfer ? pool.run(Piscina.move(task)) : pool.run(task),
    close: () => pool.destroy(),
  };
}

/** Which contenders a host has: the others do not run there. */
export function contendersOf(host: string): string[] {
  return Object.keys(contenders).filter((name) =>
    // It needs a global Worker, which Node has not.
    !(name === "poolifier-web-worker" && host.startsWith("node"))
  );
}

/** Files of the contenders' workers. */
export function workerFiles(): { [name: string]: string } {
  const text = `const work = ${work};\n`;
  const port =
    "const port = 'Deno' in globalThis || 'Bun' in globalThis ? globalThis : " +
    "(await import('node:worker_threads')).parentPort;\n";
  const back = (value: string) =>
    `(ArrayBuffer.isView(${value}) ? [${value}.buffer] : [])`;
  return {
    "raw.mjs": text + port +
      "const answer = ([id, task, moves]) => { const value = work(task); " +
      `port.postMessage([id, value], moves ? ${back("value")} : []); };\n` +
      "if (port === globalThis) port.onmessage = (event) => answer(event.data); else port.on('message', answer);\n",
    "piscina.mjs": "import { move } from 'piscina';\n" + text +
      "export default (task) => task instanceof Float32Array && task[0] === 1 ? move(work(task)) : work(task);\n",
    "tinypool.mjs": "import Tinypool from 'tinypool';\n" + text +
      "export default (task) => task instanceof Float32Array && task[0] === 1 ? Tinypool.move(work(task)) : work(task);\n",
    "workerpool.mjs": "import workerpool from 'workerpool';\n" + text +
      "workerpool.worker({ work: (task, moves) => moves ? " +
      `new workerpool.Transfer(work(task), ${back("task")}) : work(task) });\n`,
    "poolifier.mjs": "import { ThreadWorker } from 'poolifier';\n" + text +
      "export default new ThreadWorker((data) => work(data.task));\n",
    "pww.mjs": "import { ThreadWorker } from 'poolifier-web-worker';\n" + text +
      "export default new ThreadWorker((data) => work(data.task));\n",
    "comlink.mjs": "import * as comlink from 'comlink';\n" + text + port +
      "const endpoint = port === globalThis ? undefined : " +
      "(await import('comlink/dist/esm/node-adapter.mjs')).default(port);\n" +
      "comlink.expose({ work: (task, moves) => moves ? " +
      `comlink.transfer(work(task), ${
        back("task")
      }) : work(task) }, endpoint);\n`,
  };
}
