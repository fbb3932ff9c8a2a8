/** Running commands for the scripts of this folder. */

/** What a command is run with. */
export interface CommandOptions {
  /** Arguments. */
  args?: string[];
  /** Added to the environment. */
  env?: Record<string, string>;
  /** Folder it runs in. Default: the root of the clone. */
  cwd?: string | URL;
  /** It is killed after this time, in ms. Default: ten minutes. */
  timeoutMs?: number;
  /** Kept from the terminal. Default false. */
  quiet?: boolean;
}

/** How a command ended. */
export interface CommandResult {
  /** Exit code; 124 when it was killed for its time. */
  code: number;
  /** What it wrote to standard output. */
  stdout: string;
  /** What it wrote to standard error. */
  stderr: string;
}

/** Root of the clone. */
export const root: URL = new URL("../", import.meta.url);

/** Path of a file or folder of the clone. */
export function pathOf(relative: string): string {
  const path = decodeURIComponent(new URL(relative, root).pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

/** Runs a command; its output goes to the terminal and into the result. */
export async function run(
  command: string,
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { args, env, cwd = root, timeoutMs = 600_000, quiet } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const child = new Deno.Command(command, {
    args,
    cwd,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const [stdout, stderr, status] = await Promise.all([
    collect(child.stdout, quiet ? undefined : Deno.stdout),
    collect(child.stderr, quiet ? undefined : Deno.stderr),
    child.status,
  ]);
  if (!signal.aborted) return { code: status.code, stdout, stderr };
  console.error(`${command} was killed after ${timeoutMs} ms`);
  return { code: 124, stdout, stderr };
}

/** Runs the deno that runs this script. */
export function deno(
  args: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return run(Deno.execPath(), { ...options, args });
}

/** Path of a program on PATH, or undefined. */
export async function which(program: string): Promise<string | undefined> {
  const windows = Deno.build.os === "windows";
  const folders = (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":");
  for (const folder of folders.filter(Boolean)) {
    const path = `${folder}/${program}${windows ? ".exe" : ""}`;
    if (await isFile(path)) return path;
  }
}

/**
 * The Node on PATH, or the reason why there is none that can run the tests. The tasks of Deno put a stand-in for Node
 * on PATH, which is Deno itself: it does not count.
 */
export async function findNode(): Promise<
  { path: string; version: string } | { missing: string }
> {
  const path = await which("node");
  if (!path) return { missing: "there is no node on PATH" };
  const { stdout } = await run(path, { args: ["--version"], quiet: true });
  const [version, major] = stdout.trim().match(/^v(\d+)\.\d+\.\d+$/) ?? [];
  if (!version) return { missing: "there is no node on PATH" };
  if (Number(major) >= 20) return { path, version };
  return { missing: `the node on PATH is ${version}, 20 or newer is needed` };
}

/** Whether there is a file of that path. */
export async function isFile(path: string | URL): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  copy: { writeSync(bytes: Uint8Array): number } | undefined,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    for (let sent = 0; copy && sent < chunk.length;) {
      sent += copy.writeSync(chunk.subarray(sent));
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
