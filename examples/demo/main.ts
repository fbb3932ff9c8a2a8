/** The main job from the command line: remember a conversation, then answer questions about it. */
import { Cortex } from "../../mod.ts";
import { parseArguments, usage } from "./arguments.ts";
import { parseConversation, toTurns, type Turn } from "./conversation_file.ts";
import { type LoopDelay, watchLoopDelay } from "./loop_delay.ts";
import {
  countMessages,
  memorySpaceId,
  rememberTurns,
} from "./remember_turns.ts";
import { printAnswer, progressBar, questionsFromInput } from "./terminal.ts";

const sample = new URL("../conversation.jsonl", import.meta.url);

/** Runs the demo; returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { file, db, asks, limit, help } = parseArguments(args);
  if (help) {
    console.log(usage);
    return 0;
  }
  const answerOnly = file === undefined && db !== undefined && await exists(db);
  const turns = answerOnly ? [] : await readTurns(file);
  await using cortex = new Cortex(db === undefined ? {} : { path: db });
  if (turns.length > 0) await remember(cortex, turns);
  for await (const query of asks.length > 0 ? asks : questionsFromInput()) {
    printAnswer(
      query,
      await cortex.memory.recall({ memorySpaceId, query, limit }),
    );
  }
  return 0;
}

async function readTurns(file: string | undefined): Promise<Turn[]> {
  const text = await Deno.readTextFile(file ?? sample);
  return toTurns(
    parseConversation(text, file ?? "examples/conversation.jsonl"),
  );
}

async function remember(cortex: Cortex, turns: readonly Turn[]): Promise<void> {
  const openedMs = performance.now();
  await cortex.load();
  // The first call starts the engine.
  const before = await countMessages(cortex, turns);
  const startMs = performance.now();
  const requestsBefore = cortex.stats().requests;
  const stopWatching = watchLoopDelay();
  let delay: LoopDelay;
  try {
    await rememberTurns(cortex, turns, progressBar(turns.length));
  } finally {
    // A watcher left running would keep the process alive after an error.
    delay = stopWatching();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const startSeconds = ((startMs - openedMs) / 1000).toFixed(2);
  const requests = cortex.stats().requests - requestsBefore;
  const added = await countMessages(cortex, turns) - before;
  const exchanges = turns.filter((turn) => "user" in turn).length;
  const perSecond = Math.round(exchanges / seconds);
  const [p99, max] = [delay.p99Ms, delay.maxMs].map((ms) => ms.toFixed(1));
  console.log(
    `${counted(exchanges, "exchange")} and ` +
      `${counted(turns.length - exchanges, "single message")} ` +
      `in ${seconds.toFixed(2)} s, after ${startSeconds} s to start; ` +
      `${added} messages were new\n` +
      `${perSecond} exchanges/s, ${counted(requests, "request")}, ` +
      `event-loop delay p99 ${p99} ms, max ${max} ms`,
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

try {
  Deno.exitCode = await main(Deno.args);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exitCode = 1;
}
