import {
  type AdminRoute,
  get,
  MAX_ADMIN_JSON_BYTES,
  post,
} from "./admin_routes.ts";
import {
  type EnvironmentChange,
  type EnvironmentVariable,
  readChanges,
} from "./environment_changes.ts";
import { readJson } from "../http/json_body.ts";
import { badRequest } from "../http/http_fault.ts";

/** Storage for the functions' environment variables. */
export interface DeploymentEnvironment {
  /** Returns all variables. */
  list(): EnvironmentVariable[];
  /** Sets variables, or removes those whose value is null. Rejects with `TypeError` for what it cannot store. */
  update(changes: EnvironmentChange[]): Promise<void>;
}

/** Routes to list and change environment variables. `onChange` is called after a change. */
export function environmentRoutes(
  environment: DeploymentEnvironment | undefined,
  onChange: () => void,
): AdminRoute[] {
  const update: AdminRoute["answer"] = async ({ request }) => {
    const { changes } = await readJson(request, MAX_ADMIN_JSON_BYTES);
    if (!environment) {
      throw badRequest(
        "NoEnvironment",
        "This server keeps no environment variables, as deno task serve does with --env FILE: functions see those that it was started with",
      );
    }
    const read = readChanges(changes, environment.list());
    try {
      await environment.update(read);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw badRequest("InvalidEnvironmentVariable", error.message);
    }
    onChange();
    return null;
  };
  return [
    post("/api/update_environment_variables", update),
    post("/api/v1/update_environment_variables", update),
    get("/api/v1/list_environment_variables", () => ({
      environmentVariables: Object.fromEntries(
        (environment?.list() ?? []).map(({ name, value }) => [name, value]),
      ),
    })),
  ];
}
