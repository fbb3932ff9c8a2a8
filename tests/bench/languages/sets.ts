/**
 * Reads small sets of messages with questions. A line of a file is a message, or `? question => places`, the places of
 * the messages that answer, counted from 1. A message may begin with `@DAY `, the day it was said.
 */

/** The time at which questions are asked: some say "last Tuesday". Milliseconds since the Unix epoch. */
export const NOW = Date.UTC(2026, 10, 29, 9);
const DAY_MS = 86_400_000;

/** Messages and questions in one language, or of one kind of text. */
export interface TextSet {
  name: string;
  /** What was said and when, in milliseconds since the Unix epoch. */
  messages: { text: string; at: number }[];
  /** Questions with the places of the messages that answer, counted from 0. */
  questions: { text: string; answers: number[] }[];
}

/** Reads the sets of a folder, in the order of their names. */
export function readSets(folder: string): TextSet[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort()
    .map((file) =>
      readSet(
        file.replace(".txt", "").replaceAll("_", " "),
        Deno.readTextFileSync(`${folder}/${file}`),
      )
    );
}

function readSet(name: string, text: string): TextSet {
  const set: TextSet = { name, messages: [], questions: [] };
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const [, question, places] = /^\? (.*) => ([\d ]+)$/.exec(line) ?? [];
    if (question !== undefined) {
      const answers = places!.trim().split(/ +/).map((place) =>
        Number(place) - 1
      );
      set.questions.push({ text: question.trim(), answers });
      continue;
    }
    const [, day, said] = /^@(\S+) (.*)$/.exec(line) ?? [];
    const at = day === undefined
      ? NOW - 40 * DAY_MS - set.messages.length * DAY_MS / 24
      : Date.parse(day) + DAY_MS / 2;
    set.messages.push({ text: said ?? line, at });
  }
  for (const { text, answers } of set.questions) {
    if (answers.some((place) => set.messages[place] === undefined)) {
      throw new Error(`${name}: no such message answers ${text}`);
    }
  }
  return set;
}
