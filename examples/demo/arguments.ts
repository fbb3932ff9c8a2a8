/** Command line of the demo. */

/** Parsed command line. */
export interface DemoArguments {
  /** Conversation to remember; absent: the sample. */
  file?: string;
  /** SQLite file that keeps the memories; absent: in memory. */
  db?: string;
  /** Questions to answer; none: they are read from standard input. */
  asks: string[];
  /** Items to show for each question. */
  limit: number;
  /** Show the usage and end. */
  help: boolean;
}

/** The usage message. */
export const usage =
  `deno task demo [FILE] [--db PATH] [--ask "QUESTION"]... [--limit N]

FILE        conversation as JSON Lines: {id, conversationId, sessionId, role, speaker, text, at}
            (default: the sample in examples/; with the --db of an earlier run: none, only answers)
--db PATH   keep the memories in this SQLite file
--ask Q     answer Q (repeatable); without it, questions are read from standard input
--limit N   items shown per answer, 1 to 100 (default 5)`;

/** Parses the command line; throws an Error that names the bad option. */
export function parseArguments(args: readonly string[]): DemoArguments {
  const parsed: DemoArguments = { asks: [], limit: 5, help: false };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [name, inline] = arg.startsWith("--")
      ? splitOption(arg)
      : [arg, undefined];
    const value = () => {
      const given = inline ?? args[++i];
      if (given === undefined || given === "") {
        throw new Error(`${name} needs a value`);
      }
      return given;
    };
    if (name === "--help") parsed.help = true;
    else if (name === "--db") parsed.db = value();
    else if (name === "--ask") parsed.asks.push(value());
    else if (name === "--limit") parsed.limit = limitOf(value());
    else if (arg.startsWith("-")) {
      throw new Error(`unknown option ${arg.slice(0, 80)}`);
    } else if (parsed.file !== undefined) {
      throw new Error(
        `one FILE at most, got ${parsed.file} and ${arg.slice(0, 80)}`,
      );
    } else parsed.file = arg;
  }
  return parsed;
}

function splitOption(arg: string): [string, string | undefined] {
  const equals = arg.indexOf("=");
  return equals < 0
    ? [arg, undefined]
    : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new Error(
      `--limit must be an integer from 1 to 100, got ${text.slice(0, 80)}`,
    );
  }
  return limit;
}
