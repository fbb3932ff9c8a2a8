/** Lines of a text that comes in pieces. */
import { ClientError } from "../errors.ts";
import { got } from "./rules/rules.ts";
import { INVALID_ARGUMENT } from "./rules/words.ts";
import type { ImportSource } from "./types/transfer.ts";

/** A line without its end, and its number from 1. */
export interface Line {
  text: string;
  number: number;
}

/**
 * Splits text or UTF-8 bytes at line ends, wherever the pieces break. Skips blank lines.
 *
 * @throws {ClientError} `INVALID_ARGUMENT` if the source or one of its pieces is neither text nor bytes.
 */
export async function* linesOf(
  source: ImportSource,
): AsyncGenerator<Line, void, undefined> {
  let rest = "";
  let number = 0;
  // `fatal`, because invalid UTF-8 would otherwise be stored as replacement characters.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (piece?: Uint8Array) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      throw new ClientError(
        INVALID_ARGUMENT,
        `source must be UTF-8, and is not after line ${number}`,
      );
    }
  };
  for await (const piece of piecesOf(source)) {
    const text = typeof piece === "string" ? piece : decode(piece);
    const lines = text.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    for (const line of lines) {
      number++;
      if (line.trim() !== "") yield { text: line, number };
    }
  }
  rest += decode();
  if (rest.trim() !== "") yield { text: rest, number: number + 1 };
}

async function* piecesOf(
  source: ImportSource,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  if (typeof source === "string" || ArrayBuffer.isView(source)) {
    return yield source;
  }
  const isSource = source !== null && typeof source === "object" &&
    (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!isSource) throw wrong("source", source);
  for await (const piece of source) {
    if (typeof piece !== "string" && !ArrayBuffer.isView(piece)) {
      throw wrong("each piece of source", piece);
    }
    yield piece;
  }
}

function wrong(name: string, value: unknown): ClientError {
  return new ClientError(
    INVALID_ARGUMENT,
    `${name} must be text or UTF-8, or an iterable of it: ${got(value)}`,
  );
}
