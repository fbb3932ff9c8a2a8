/**
 * Runs a script that prints lines, and kills its process with SIGKILL so many ms after its first one, or after a later
 * one of them. Gives the lines after the first.
 */
export async function linesUntilKilled(
  script: string,
  args: string[],
  lifeMs: number,
  fromLine = 1,
): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", script, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (
    const part of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += part;
    // From the moment on that it is open, so that slow starts leave as much to kill as quick ones.
    if (text.split("\n").length > fromLine) {
      timer ??= setTimeout(() => child.kill("SIGKILL"), lifeMs);
    }
  }
  await child.status;
  // A line that the kill cut short has no end.
  return text.split("\n").slice(1, -1);
}
