import process from "node:process";
import type { DeploymentEnvironment } from "../../src/server/mod.ts";
import type { LoadedFunctions } from "./load_functions.ts";

/**
 * Environment variables of the functions that are served. Changes are refused if declarations forbid them or if they
 * would make `auth.config` invalid. `useAuth` is called with the new `auth.config` after each change.
 */
export function servedEnvironment(
  environment: DeploymentEnvironment,
  { checkVariables, authConfigNow }: LoadedFunctions,
  useAuth: (config: unknown) => void,
): DeploymentEnvironment {
  return {
    list: () => environment.list(),
    async update(changes) {
      // Includes the variables that the deployment has set itself.
      const next: { [name: string]: string | undefined } = { ...process.env };
      for (const { name, value } of changes) next[name] = value ?? undefined;
      try {
        checkVariables?.(next);
      } catch (error) {
        throw new TypeError((error as Error).message, { cause: error });
      }
      const before = changes.map(({ name }) => ({
        name,
        value: process.env[name] ?? null,
      }));
      await environment.update(changes);
      try {
        if (authConfigNow) useAuth(await authConfigNow());
      } catch (error) {
        await environment.update(before);
        throw new TypeError(
          `this change would make auth.config invalid: ${
            (error as Error).message
          }`,
          { cause: error },
        );
      }
    },
  };
}
