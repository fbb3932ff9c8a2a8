/** Terminal input and output of the demo. */
import type { RecallResult } from "../../mod.ts";

/** Draws a progress bar on standard error: live on a terminal, one line at the end elsewhere. */
export function progressBar(total: number): () => void {
  const live = Deno.stderr.isTerminal();
  const widthChars = 32;
  let done = 0;
  return () => {
    done++;
    if (!live && done < total) return;
    const filled = Math.round(widthChars * done / total);
    const bar = "█".repeat(filled) + "░".repeat(widthChars - filled);
    const end = done === total ? "\n" : "";
    write(
      Deno.stderr,
      `${live ? "\r" : ""}remembering ${bar} ${done}/${total}${end}`,
    );
  };
}

/** Prints the ranked items of an answer and the block to hand to an LLM. */
export function printAnswer(question: string, result: RecallResult): void {
  const lines = [`\nQ: ${question}`];
  if (result.items.length === 0) lines.push("   nothing was found");
  for (const [index, item] of result.items.entries()) {
    lines.push(
      `${String(index + 1).padStart(2)}. ${item.score.toFixed(3)}  ${
        item.type.padEnd(6)
      } ${origin(item)}`,
    );
    lines.push(`    ${item.content.replace(/\s+/g, " ")}`);
  }
  lines.push("", "Context for the LLM:", result.context || "(empty)", "");
  write(Deno.stdout, lines.join("\n"));
}

/** Yields questions from standard input, one per line, with a prompt if it is a terminal. */
export async function* questionsFromInput(): AsyncGenerator<string> {
  const typed = Deno.stdin.isTerminal();
  const prompt = () => typed && write(Deno.stderr, "\nask> ");
  let rest = "";
  if (typed) write(Deno.stderr, "\nType a question; Ctrl-D ends.");
  prompt();
  for await (
    const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.trim() !== "") yield line.trim();
      prompt();
    }
  }
  if (rest.trim() !== "") yield rest.trim();
}

function origin(item: RecallResult["items"][number]): string {
  const { memory, fact } = item;
  if (fact) return `fact ${fact.factId}`;
  const when = memory
    ? new Date(memory.sourceTimestamp).toISOString().slice(0, 16).replace(
      "T",
      " ",
    )
    : "";
  const ref = memory?.conversationRef;
  const who = memory?.messageRole === "agent"
    ? memory.agentId
    : memory?.sourceUserName ?? memory?.userId;
  return [when, who, ref && `${ref.conversationId}#${ref.messageIds.join(",")}`]
    .filter(Boolean).join("  ");
}

const encoder = new TextEncoder();

function write(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): boolean {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  return true;
}
