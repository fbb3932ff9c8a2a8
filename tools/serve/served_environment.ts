import process from "node:process";
import type { DeploymentEnvironment } from "../../src/server/mod.ts";
import type { LoadedFunctions } from "./load_functions.ts";

/**
 * Variables of functions that are served: no change is taken which their declarations forbid or with which their
 * `auth.config` would be none, and `useAuth` gets what that is after each change.
 */
export function servedEnvironment(
  environment: DeploymentEnvironment,
  { checkVariables, authConfigNow }: LoadedFunctions,
  useAuth: (config: unknown) => void,
): DeploymentEnvironment {
  return {
    list: () => environment.list(),
    async update(changes) {
      // With those that the deployment itself has set.
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
