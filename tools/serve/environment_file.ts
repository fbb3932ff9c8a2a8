import type { DeploymentEnvironment } from "../../src/server/mod.ts";

/**
 * Environment variables in a file, one a line as `NAME="JSON text"`: they are in `process.env` from now on, and what
 * `npx convex env set` changes is, too. Where the file is not there yet, there are none.
 */
export async function openEnvironmentFile(
  path: string,
): Promise<DeploymentEnvironment> {
  const variables = new Map<string, string>();
  let text = "";
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ??
      [];
    if (name === undefined || value === undefined) {
      throw new TypeError(`${path}, line ${at + 1}: expected NAME=value`);
    }
    variables.set(name, unquoted(value));
  }
  for (const [name, value] of variables) Deno.env.set(name, value);
  return {
    list: () => [...variables].map(([name, value]) => ({ name, value })),
    async update(changes) {
      const next = new Map(variables);
      for (const { name, value } of changes) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      const lines = [...next].map(([name, value]) =>
        `${name}=${JSON.stringify(value)}\n`
      );
      // Whole or not at all, and for nobody else's eyes.
      const whole = `${path}.new`;
      await Deno.writeTextFile(whole, lines.join(""), { mode: 0o600 });
      await Deno.rename(whole, path);
      for (const { name, value } of changes) {
        if (value === null) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
      variables.clear();
      for (const [name, value] of next) variables.set(name, value);
    },
  };
}

function unquoted(text: string): string {
  if (/^'.*'$/.test(text)) return text.slice(1, -1);
  if (!/^".*"$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(1, -1);
  }
}
