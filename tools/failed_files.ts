/** Reads which test files failed from what `deno test --parallel` printed. */

/** Files that failed, or `undefined` when a failure is reported without its file. */
export function failedFiles(output: string): string[] | undefined {
  const lines = output.split("\n");
  const files = new Set<string>();
  const told = new Set<string>();
  for (const line of lines) {
    const [, uncaughtIn] = line.match(/^Uncaught error from (\S+) FAILED$/) ??
      [];
    const [, file, test] = line.match(/^(\S+) => (.+) \.\.\. FAILED/) ?? [];
    if (uncaughtIn ?? file) files.add((uncaughtIn ?? file)!);
    told.add(uncaughtIn ? `${uncaughtIn} (uncaught error)` : `${test}`);
  }
  const start = lines.lastIndexOf(" FAILURES ");
  if (start < 0) return undefined;
  for (const line of lines.slice(start + 2)) {
    if (line === "") break;
    if (!told.has(line.replace(/ => \S+:\d+:\d+$/, ""))) return undefined;
  }
  return [...files];
}
