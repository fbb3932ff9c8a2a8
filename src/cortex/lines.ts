/** Lines of a text that comes in pieces. */
import type { ImportSource } from "./types/transfer.ts";

/** A line without its end, and its number from 1. */
export interface Line {
  text: string;
  number: number;
}

/** Splits text or UTF-8 at line ends, wherever the pieces break; blank lines are passed over. */
export async function* linesOf(
  source: ImportSource,
): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let number = 0;
  for await (const piece of typeof source === "string" ? [source] : source) {
    const text = typeof piece === "string"
      ? piece
      : decoder.decode(piece, { stream: true });
    const lines = text.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    for (const line of lines) {
      number++;
      if (line.trim() !== "") yield { text: line, number };
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield { text: rest, number: number + 1 };
}
