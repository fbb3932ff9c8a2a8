/** Tables of what a recall found. */

/** Lengths of the list of messages that is looked at. */
export const CUTS = [5, 10, 20] as const;

/** What one question found. */
export interface Answer {
  readonly category: string;
  /** Share of the evidence among the first messages, for each of {@link CUTS}. */
  readonly recall: readonly number[];
  /** Share of the evidence in the texts of the first items, up to a number of tokens. */
  readonly inText: number;
  /** Share of the evidence in the context, up to as many. */
  readonly inContext: number;
  /** The same where the context cites numbers instead of ids. */
  readonly inNumbered: number;
  readonly elapsedMs: number;
}

/** A table with a line a class of question, the shares in percent, and a line of times. */
export function report(title: string, answers: readonly Answer[]): string {
  const lines = [
    "",
    `${
      title.padEnd(24)
    } questions    R@5   R@10   R@20  2,000 tokens  with ids  with numbers`,
  ];
  const classes = [...new Set(answers.map((answer) => answer.category))].sort();
  for (const name of [...classes, "all"]) {
    const own = answers.filter((answer) =>
      name === "all" || answer.category === name
    );
    lines.push(
      name.padEnd(24) + String(own.length).padStart(10) + shares(own) +
        percent(mean(own, (one) => one.inContext)).padStart(10) +
        percent(mean(own, (one) => one.inNumbered)).padStart(14),
    );
  }
  const times = sortedTimes(answers);
  lines.push(
    `a recall: p50 ${percentile(times, 0.5).toFixed(1)} ms, ` +
      `p95 ${percentile(times, 0.95).toFixed(1)} ms`,
  );
  return lines.join("\n");
}

/** A table with a line for each of several ways to find, over all questions. */
export function comparison(
  rows: readonly (readonly [name: string, answers: readonly Answer[]])[],
): string {
  const lines = rows.map(([name, answers]) => {
    const times = sortedTimes(answers);
    return name.padEnd(24) + shares(answers) +
      percentile(times, 0.5).toFixed(1).padStart(8);
  });
  const title = `${
    "all talks".padEnd(24)
  }    R@5   R@10   R@20  2,000 tokens  p50 ms`;
  return ["", title, ...lines].join("\n");
}

/** The columns that tell how much was found. */
function shares(answers: readonly Answer[]): string {
  const found = CUTS.map((_, at) => mean(answers, (one) => one.recall[at]!));
  return found.map((share) => percent(share).padStart(7)).join("") +
    percent(mean(answers, (one) => one.inText)).padStart(14);
}

function sortedTimes(answers: readonly Answer[]): number[] {
  return answers.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
}

function mean(
  answers: readonly Answer[],
  share: (answer: Answer) => number,
): number {
  return answers.reduce((sum, answer) => sum + share(answer), 0) /
    answers.length;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  ] ?? 0;
}
