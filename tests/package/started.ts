/** Programs that serve until they are ended. */

/** What is started. */
export interface Program {
  args: string[];
  env: Record<string, string>;
  /** Where it listens on the loopback. */
  port: number;
}

/** Starts a program and waits until it takes connections; it ends with what it is bound to. */
export async function started(
  command: string,
  { args, env, port }: Program,
): Promise<AsyncDisposable> {
  const child = new Deno.Command(command, {
    args,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let ended: number | undefined;
  const status = child.status.then(({ code }) => ended = code);
  const end = async () => {
    if (ended === undefined) child.kill("SIGTERM");
    await status;
  };
  for (let attempt = 0;; attempt++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return { [Symbol.asyncDispose]: end };
    } catch (error) {
      if (ended !== undefined) throw new Error(`it ended with code ${ended}`);
      if (attempt === 600) {
        await end();
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
