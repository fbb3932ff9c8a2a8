import { assert, assertEquals, assertThrows } from "@std/assert";
import { ExecutorError } from "../../errors.ts";
import type { ExecutorOptions, TaskHandler } from "../../executor/types.ts";
import type { ContractCase } from "../types.ts";
import {
  executorCase,
  type ExecutorSubject,
  importsAtRunTime,
  rejection,
} from "./subject.ts";

/** Options that TypeScript's types forbid but JavaScript allows. */
const OPTIONS: [options: { [name: string]: unknown }, tells: string][] = [
  [
    { maxWorkers: "2" },
    'options.maxWorkers must be a whole number from 1 to 1024, not "2"',
  ],
  [
    { maxWorkers: null },
    "options.maxWorkers must be a whole number from 1 to 1024, not null",
  ],
  [
    { timeoutMs: null },
    "options.timeoutMs must be a whole number from 1 to 2147483647, not null",
  ],
  [{ stateful: "yes" }, 'options.stateful must be a boolean, not "yes"'],
  [{ name: 5 }, "options.name must be a string, not 5"],
  [
    { kinds: "inline" },
    'options.kinds must be a list of at least one, not "inline"',
  ],
  [{ kinds: [] }, "options.kinds must be a list of at least one"],
  [
    { kinds: ["process"] },
    'options.kinds may be "web-worker", "worker-threads", "inline", not "process"',
  ],
  [{ resourceLimits: 5 }, "options of resourceLimits must be an object, not 5"],
  [
    { resourceLimits: { stackSizeMb: "4" } },
    'options.resourceLimits.stackSizeMb must be a number, not "4"',
  ],
  [
    { resourceLimits: { stackSizeMb: NaN } },
    "options.resourceLimits.stackSizeMb must be over 0, in MB, not NaN",
  ],
  [{ idempotent: "no" }, 'options.idempotent must be a boolean, not "no"'],
  [
    { hardAbort: "100" },
    'options.hardAbort must be a boolean, or a whole number from 0 to 2147483647, not "100"',
  ],
  [
    { signal: new AbortController() },
    "options.signal must be an AbortSignal, not a value of class AbortController",
  ],
  [{ signal: "" }, 'options.signal must be an AbortSignal, not ""'],
  [{ signal: null }, "options.signal must be an AbortSignal, not null"],
  [{ signal: { aborted: false } }, "not a value of class Object"],
  [
    { worker: 5 },
    "options.worker must be an absolute URL, an object with code, script, url or create, or a function",
  ],
  [{ worker: { path: "a.ts" } }, "not a value of class Object"],
  [{ inline: 5 }, "options.inline must be a function, not 5"],
  [
    { worker: undefined, source: () => 1 },
    "options.source must be the text of a module, not the function source",
  ],
  [
    { worker: undefined, handler: "./a.ts" },
    'options.handler must be a function or an absolute URL, such as import.meta.resolve("./tasks.ts"), not "./a.ts"',
  ],
  [
    { worker: undefined, handler: class Task {} },
    "options.handler must be a function, not a class",
  ],
  [
    { maxThreads: 4 },
    'createExecutor has no option "maxThreads": here it is called maxWorkers',
  ],
  [
    { filename: "a.ts" },
    'createExecutor has no option "filename": here it is called handler',
  ],
];

const TASK_OPTIONS: [options: unknown, tells: string][] = [
  ["x", 'options of a task must be an object, not "x"'],
  [5, "options of a task must be an object, not 5"],
  [null, "options of a task must be an object, not null"],
  [
    [new ArrayBuffer(1)],
    "options of a task must be an object, not a value of class Array",
  ],
  [
    { transferList: [] },
    'a task has no option "transferList": here it is called transfer',
  ],
  [
    { transfer: new Uint8Array(1) },
    "options.transfer must be a list, not a value of class Uint8Array",
  ],
  [
    { timeoutMs: "5" },
    'options.timeoutMs must be a whole number from 1 to 2147483647, not "5"',
  ],
  [
    { affinity: {} },
    "options.affinity must be a string or a number, not a value of class Object",
  ],
  [{ key: null }, "options.key must be a string or a number, not null"],
  [{ key: NaN }, "options.key must be a string or a number, not NaN"],
  [{ signal: 0 }, "options.signal must be an AbortSignal, not 0"],
  [{ signal: null }, "options.signal must be an AbortSignal, not null"],
  [{ timeoutMs: null }, "options.timeoutMs must be a whole number from 1"],
  [{ priority: null }, "options.priority must be a whole number from -100"],
  [{ idempotent: null }, "options.idempotent must be a boolean, not null"],
];

/** Errors of invalid options and arguments: the name, what it must be, and what it is. */
export const executorMistakeContract: ContractCase<ExecutorSubject>[] = [
  {
    name:
      "an option of a wrong type is named with what it must be and its value",
    run: (subject) => {
      for (const [options, tells] of OPTIONS) {
        const open = () => subject.open(options as Partial<ExecutorOptions>);
        const error = assertThrows(open, ExecutorError) as ExecutorError;
        const { code, message } = error;
        assertEquals(code, "INVALID_OPTION");
        assert(message.includes(tells), message);
      }
    },
  },
  executorCase(
    "a task's wrong options are told by run, stream and broadcast",
    {},
    async (executor) => {
      for (const [options, tells] of TASK_OPTIONS) {
        const wrong = options as { key: string };
        const errors = [
          await rejection(executor.run(1, wrong)),
          await rejection(executor.broadcast(1, wrong)),
          assertThrows(() => executor.stream(1, wrong), ExecutorError),
        ];
        for (const { message } of errors) {
          assert(
            message.includes(tells),
            message,
          );
        }
      }
      const none = { buffer: null } as object;
      const { message } = assertThrows(
        () => executor.stream(1, none),
        ExecutorError,
      );
      assert(message.includes("buffer must be a whole number"), message);
      const buffer = { buffer: 5 } as object;
      for (
        const refused of [
          executor.run(1, buffer),
          executor.broadcast(1, buffer),
        ]
      ) {
        const { message } = await rejection(refused as Promise<unknown>);
        assert(message.startsWith('a task has no option "buffer"'), message);
      }
    },
  ),
  executorCase(
    "what cannot move is named with its place in transfer",
    {},
    async (executor) => {
      const bytes = new Uint8Array(4);
      const moved = new ArrayBuffer(8);
      structuredClone(moved, { transfer: [moved] });
      const wrong: [unknown, string][] = [
        [
          bytes,
          "transfer[1] is a Uint8Array, which cannot move: list its buffer",
        ],
        [{}, "transfer[1] is a value of class Object, which cannot move"],
        ["text", "transfer[1] is a string"],
        [null, "transfer[1] is null"],
        [moved, "transfer[1] is a buffer that was moved before"],
      ];
      for (const [object, tells] of wrong) {
        const transfer = [new ArrayBuffer(1), object as object];
        const { code, message } = await rejection(
          executor.run(1, { transfer }),
        );
        assertEquals(code, "NOT_CLONEABLE");
        assert(message.includes(tells), message);
      }
      const { message } = await rejection(executor.run(moved));
      assert(message.includes("ArrayBuffer that was moved before"), message);
      const late = await rejection(executor.run(Promise.resolve(1)));
      assert(
        late.message.endsWith("class Promise; await it first"),
        late.message,
      );
    },
  ),
  {
    name: "an init of a handler that cannot be cloned names the path",
    run: async (subject) => {
      const code = { worker: undefined, inline: undefined };
      const handler = (n: number) => n;
      const wrong: [init: unknown, path: string][] = [
        [{ value: () => 1 }, "init.value"],
        [() => 1, "init"],
        [{ module: "a", init: () => 1 }, "init.init"],
      ];
      for (const [init, path] of wrong) {
        const executor = subject.open({ ...code, handler, init });
        const error = await rejection(executor.run(1));
        assertEquals([error.code, error.data], ["NOT_CLONEABLE", { path }]);
        await executor.close();
      }
    },
  },
  {
    name: "a generator that is not streamed names stream",
    run: async (subject) => {
      const handler = function* (n: number) {
        yield n;
      } as TaskHandler;
      const executor = subject.open({
        worker: undefined,
        inline: undefined,
        handler,
      });
      const { code, message } = await rejection(executor.run(1));
      assertEquals(code, "NOT_CLONEABLE");
      assert(
        message.endsWith("class Generator; stream() gives its items"),
        message,
      );
      await executor.close();
    },
  },
  {
    name:
      "a handler without a source text runs on this thread, and workers refuse it",
    run: async (subject) => {
      for (const handler of [Math.sqrt, ((n: number) => n ** 0.5).bind(null)]) {
        const options = {
          worker: undefined,
          inline: undefined,
          handler: handler as TaskHandler,
        };
        if (subject.kind === "inline") {
          const executor = subject.open(options);
          assertEquals(await executor.run(9), 3);
          await executor.close();
          continue;
        }
        const { message } = assertThrows(
          () => subject.open(options),
          ExecutorError,
        );
        assert(message.includes("[native code]), not the function "), message);
      }
    },
  },
  {
    name: "what builds a handler and gives none is named",
    run: async (subject) => {
      // workerd and edge-runtime import nothing at run time, and have no workers.
      if (subject.kind !== "inline" || await importsAtRunTime()) {
        const source = "export const createHandler = () => 5";
        const executor = subject.open({
          worker: undefined,
          inline: undefined,
          source,
        });
        const { code, message } = await rejection(executor.run(1));
        assertEquals(code, "HANDLER_FAILED");
        assert(
          message.endsWith("it returned a value of type number"),
          message,
        );
        await executor.close();
      }
      if (subject.kind !== "inline") return;
      const direct = subject.open({ inline: (() => ({})) as never });
      const error = await rejection(direct.run(1));
      assert(
        error.message.startsWith("options.inline must return a function"),
        error.message,
      );
      await direct.close();
      const given = subject.open({
        worker: undefined,
        handler: (n: number) => n,
        inline: (() => undefined) as never,
      });
      assertEquals(
        (await rejection(given.run(1))).message,
        "options.inline must return a function that builds the handler",
      );
      await given.close();
    },
  },
  executorCase(
    "an unknown event, a listener that is none and a wrong close are told",
    {},
    async (executor) => {
      const on = executor.on.bind(executor) as (
        name: string,
        listener: unknown,
      ) => void;
      const wrong: [() => void, string][] = [
        [
          () => on("redy", () => {}),
          'an executor has no event "redy" (did you mean ready?): it has ready, lost, ',
        ],
        [() => on("ready", "f"), 'listener must be a function, not "f"'],
      ];
      for (const [call, tells] of wrong) {
        const { message } = assertThrows(call, ExecutorError);
        assert(message.includes(tells), message);
      }
      const closes: [options: unknown, tells: string][] = [
        [true, "options of close must be an object, not true"],
        [{ force: "no" }, 'options.force must be a boolean, not "no"'],
        [
          { forced: true },
          'close has no option "forced" (did you mean force?)',
        ],
      ];
      for (const [options, tells] of closes) {
        const { message } = await rejection(
          executor.close(options as never) as Promise<unknown>,
        );
        assert(message.startsWith(tells), message);
      }
      assertEquals(await executor.run({ do: "echo", value: 3 }), 3);
    },
  ),
];
