/** `deno task serve` as a process of its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const main = new URL("../../tools/serve/main.ts", import.meta.url).pathname;

function command(args: string[], env: Record<string, string>) {
  return {
    args: ["run", "-A", "--no-check", main, "--port", "0", ...args],
    env,
  };
}

/**
 * Runs the server until `use`, which gets the URLs of clients and of HTTP actions, has ended; then stops it as a
 * terminal would. Returns what it wrote to stderr.
 */
export async function serving(
  args: string[],
  use: (url: string, site: string) => Promise<void>,
  env: Record<string, string> = {},
): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    ...command(args, env),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(process.stderr).text();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  try {
    const [url, site] = text.match(/http:\/\/[^,\s]+/g) ?? [];
    assert(url && site, `the server said: ${text}${url ?? await said}`);
    assertStringIncludes(url, "http://127.0.0.1:");
    await use(url, site);
  } finally {
    process.kill("SIGTERM");
    await reader.cancel();
    assertEquals((await process.status).code, 0, await said);
  }
  return await said;
}

/** Runs the server where it ends by itself. */
export async function runServe(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    ...command(args, env),
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
