/** Reads conversations with questions: `<name>.messages.jsonl` and `<name>.questions.jsonl`, one JSON object a line. */

/** A message of a conversation. */
export interface Message {
  /** Unique in its talk. */
  id: string;
  conversationId: string;
  sessionId: string;
  role: "user" | "agent";
  speaker: string;
  text: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/** A question and the messages that answer it. */
export interface Question {
  question: string;
  category: string;
  evidence: string[];
}

/** A conversation over many sessions, with its questions. */
export interface Talk {
  name: string;
  messages: Message[];
  questions: Question[];
}

/** Reads all talks of a folder in the order of their names; none when the folder is absent or holds none. */
export function readTalks(folder: string): Talk[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return names.filter((name) => name.endsWith(".messages.jsonl")).sort()
    .map((file) => {
      const name = file.slice(0, -".messages.jsonl".length);
      return {
        name,
        messages: readLines<Message>(`${folder}/${file}`),
        questions: readLines<Question>(`${folder}/${name}.questions.jsonl`)
          .filter((question) => question.evidence.length > 0),
      };
    });
}

/**
 * Cuts messages into turns: a user's message with the agent's message after it in the same session, or a message that
 * has no partner alone.
 */
export function turns(messages: readonly Message[]): Message[][] {
  const all: Message[][] = [];
  for (let at = 0; at < messages.length; at++) {
    const first = messages[at]!;
    const second = messages[at + 1];
    const isExchange = first.role === "user" && second?.role === "agent" &&
      second.sessionId === first.sessionId;
    all.push(isExchange ? [first, second] : [first]);
    if (isExchange) at++;
  }
  return all;
}

function readLines<Line>(path: string): Line[] {
  return Deno.readTextFileSync(path).split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Line);
}
