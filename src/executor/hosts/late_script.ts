import { named } from "./source.ts";
import type { ExecutorKind, WorkerSource } from "../types.ts";

/** A worker's code as a script that may still be loading. */
export type Script = Extract<WorkerSource, { script: unknown }>;

/**
 * Start of a worker's program that waits for its script, the first message that is text, and keeps the messages before
 * it. So the worker starts while the script is still loading, and the script need not travel as a URL.
 */
const AWAIT_IT = `const kept=[];const take=(message)=>{` +
  `if(typeof message!=="string")return void kept.push(message);run(message);for(const one of kept)give(one)};`;

/**
 * For Web Workers. Deno scans each module for imports before V8 compiles it, and Bun transpiles each, which takes about
 * half of the time to the first result. Text that arrives in a message is spared that.
 */
export const WEB_STARTER = `{${AWAIT_IT}const hear=({data})=>take(data);` +
  `const run=(text)=>{removeEventListener("message",hear);(0,eval)(text)};` +
  `const give=(data)=>void dispatchEvent(new MessageEvent("message",{data}));addEventListener("message",hear)}`;

/**
 * For worker threads of Node, which may forbid `eval` (`--disallow-code-generation-from-strings`), but not `node:vm`.
 */
export const THREAD_STARTER =
  `{const module=(name)=>process.getBuiltinModule("node:"+name);` +
  `const port=module("worker_threads").parentPort;const{constants,runInThisContext}=module("vm");${AWAIT_IT}` +
  `const run=(text)=>{runInThisContext(text,{importModuleDynamically:constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER});` +
  `port.off("message",take)};const give=(message)=>void port.emit("message",message);port.on("message",take)}`;

/**
 * Whether workers of a kind can start before their script arrives. Not in browsers, where a policy may forbid `eval`.
 */
export function startsEarly(kind: ExecutorKind): boolean {
  const isDeno = "Deno" in globalThis;
  const isBun = "Bun" in globalThis;
  return kind === "web-worker" ? isDeno || isBun : !isDeno && !isBun;
}

/** Sends a worker its script, or reports why the script cannot be loaded. */
export async function sendScript(
  { script }: Script,
  post: (text: string) => void,
  broken: (reason: string, cause: unknown) => void,
): Promise<void> {
  try {
    post(named(await script));
  } catch (cause) {
    const reason = (cause as Error)?.message ?? cause;
    broken(`cannot be started: its code cannot be loaded: ${reason}`, cause);
  }
}
