import process from "node:process";
import { parseEnv } from "node:util";
import type { DeploymentEnvironment } from "../../src/server/mod.ts";

type Changes = Parameters<DeploymentEnvironment["update"]>[0];

/**
 * Environment variables in a file, as `.env` files have them: they are in `process.env` from now on, and what
 * `npx convex env set` changes is, too. Where the file is not there yet, there are none, and `onMissing` is called.
 *
 * An update rejects with `TypeError` for a value that no such file can hold, as one with all three kinds of quotes, and
 * changes nothing then.
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
    // Written whole or not at all, and readable by its owner only.
    const whole = `${path}.new`;
    await Deno.writeTextFile(whole, lines.join(""), { mode: 0o600 });
    await Deno.rename(whole, path);
    for (const { name, value } of changes) {
      if (value === null) delete process.env[name];
      else process.env[name] = value;
    }
    variables = next;
  };

  // One after the other, so that none undoes another.
  let last: Promise<void> = Promise.resolve();
  return {
    list: () =>
      [...variables].map(([name, value]) => ({ name, value: value! })),
    update: (changes) =>
      last = last.catch(() => {}).then(() => change(changes)),
  };
}

/** A variable as it reads back; which quotes do that depends on what is in the value. */
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
