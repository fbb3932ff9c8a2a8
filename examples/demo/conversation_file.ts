/** Parses and checks a whole conversation in JSON Lines before anything is stored. */

/** One line of the file. */
export interface FileMessage {
  /** Unique within the file. */
  id: string;
  /** Conversation that the message belongs to. */
  conversationId: string;
  /** Sitting within the conversation; an exchange never spans two. */
  sessionId: string;
  /** Which side spoke. */
  role: "user" | "agent";
  /** Name of the speaker. */
  speaker: string;
  /** What was said. */
  text: string;
  /** When, in ms since the epoch. */
  at: number;
}

/** A user's message with the agent's answer, or one message that has no partner. */
export type Turn =
  | { user: FileMessage; agent: FileMessage }
  | { single: FileMessage };

/** Longest `id`, `conversationId`, `sessionId` and `speaker`, in characters: memory ids are made of two of them. */
const MAX_NAME_LENGTH = 200;
/** Longest `text`, in bytes of UTF-8: with its search text it still fits into one stored row. */
const MAX_TEXT_BYTES = 700_000;
/** The last time that a Date can hold. */
const MAX_AT_MS = 8.64e15;

/** An invalid line, with its number. */
export class LineError extends Error {
  override name = "LineError";

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
  }
}

/** Parses every line; throws `LineError` for the first bad one. Blank lines are allowed. */
export function parseConversation(text: string, file: string): FileMessage[] {
  const messages: FileMessage[] = [];
  const lineOfId = new Map<string, number>();
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const fail = (reason: string) => new LineError(file, index + 1, reason);
    const message = checkMessage(parseLine(line, fail), fail);
    const earlier = lineOfId.get(message.id);
    if (earlier !== undefined) {
      throw fail(`id ${JSON.stringify(message.id)} is also on line ${earlier}`);
    }
    lineOfId.set(message.id, index + 1);
    messages.push(message);
  }
  if (messages.length === 0) throw new LineError(file, 1, "holds no message");
  return messages;
}

/** Pairs each user message with the agent message right after it in the same session. */
export function toTurns(messages: readonly FileMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    const next = messages[i + 1];
    if (
      message.role === "user" && next?.role === "agent" &&
      sameSession(message, next)
    ) {
      turns.push({ user: message, agent: next });
      i++;
    } else {
      turns.push({ single: message });
    }
  }
  return turns;
}

function sameSession(a: FileMessage, b: FileMessage): boolean {
  return a.sessionId === b.sessionId && a.conversationId === b.conversationId;
}

type Fail = (reason: string) => LineError;

function parseLine(line: string, fail: Fail): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    // The parser's own line is always 1.
    const reason = (error as Error).message.replace(/ \(line 1 .*\)$/, "");
    throw fail(`not JSON: ${reason}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw fail("must be a JSON object");
  }
  return parsed as Record<string, unknown>;
}

/** Whatever `remember` would refuse is refused here, when nothing is stored yet. */
function checkMessage(line: Record<string, unknown>, fail: Fail): FileMessage {
  for (const name of ["id", "conversationId", "sessionId", "speaker", "text"]) {
    const value = line[name];
    if (typeof value !== "string" || value.trim() === "") {
      throw fail(`${name} must be a non-empty string, got ${shown(value)}`);
    }
    if (!value.isWellFormed()) {
      throw fail(`${name} holds half a character: ${shown(value)}`);
    }
    if (name !== "text") checkName(name, value, fail);
  }
  const bytes = encoder.encode(line.text as string).length;
  if (bytes > MAX_TEXT_BYTES) {
    throw fail(
      `text takes ${bytes} bytes, at most ${MAX_TEXT_BYTES} are allowed`,
    );
  }
  if (line.role !== "user" && line.role !== "agent") {
    throw fail(`role must be "user" or "agent", got ${shown(line.role)}`);
  }
  const at = line.at as number;
  if (!Number.isSafeInteger(at) || at < 0 || at >= MAX_AT_MS) {
    throw fail(
      `at must be a time in ms since the epoch, under ${MAX_AT_MS}, got ${
        shown(at)
      }`,
    );
  }
  return line as unknown as FileMessage;
}

function checkName(name: string, value: string, fail: Fail): void {
  if (value.length > MAX_NAME_LENGTH) {
    throw fail(
      `${name} has ${value.length} characters, at most ${MAX_NAME_LENGTH} are allowed`,
    );
  }
  if (/\p{Cc}/u.test(value)) {
    throw fail(`${name} holds a control character: ${shown(value)}`);
  }
}

const encoder = new TextEncoder();

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
