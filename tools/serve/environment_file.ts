import process from "node:process";
import { parseEnv } from "node:util";
import type { DeploymentEnvironment } from "../../src/server/mod.ts";

type Changes = Parameters<DeploymentEnvironment["update"]>[0];

/**
 * Environment variables in a `.env` file. They are copied to `process.env`, as are later changes by `npx convex env`. If
 * the file is missing, there are none, and `onMissing` is called.
 *
 * An update rejects with `TypeError`, and changes nothing, if such a file cannot contain the value, for example because
 * it has all three kinds of quotes.
 */
export async function openEnvironmentFile(
  path: string,
  onMissing: () => void = () => {},
): Promise<DeploymentEnvironment> {
  let text = "";
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    onMissing();
  }
  let variables = new Map(Object.entries(parseEnv(text)));
  Object.assign(process.env, Object.fromEntries(variables));

  const change = async (changes: Changes) => {
    const next = new Map(variables);
    for (const { name, value } of changes) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    const lines = [...next].map(([name, value]) => lineOf(name, value!));
    // The file is replaced atomically, and only its owner can read it.
    const whole = `${path}.new`;
    await Deno.writeTextFile(whole, lines.join(""), { mode: 0o600 });
    await Deno.rename(whole, path);
    for (const { name, value } of changes) {
      if (value === null) delete process.env[name];
      else process.env[name] = value;
    }
    variables = next;
  };

  // One update at a time, so that none overwrites another.
  let last: Promise<void> = Promise.resolve();
  return {
    list: () =>
      [...variables].map(([name, value]) => ({ name, value: value! })),
    update: (changes) =>
      last = last.catch(() => {}).then(() => change(changes)),
  };
}

/** The line of a variable, with quotes by which it reads back unchanged. */
function lineOf(name: string, value: string): string {
  const line = ["'", '"', "`"]
    .filter((quote) => !value.includes(quote))
    .map((quote) => `${name}=${quote}${value}${quote}\n`)
    .find((line) => parseEnv(line)[name] === value);
  if (line !== undefined) return line;
  throw new TypeError(
    `the value of ${name} cannot be kept in an environment file: it has quotes of every kind, or line ends that such a file changes`,
  );
}
