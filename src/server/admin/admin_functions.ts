import type { FunctionModules, ModuleExports } from "../../engine/engine.ts";
import {
  functionTypeOf,
  modulesByName,
  type Registered,
} from "../../engine/functions/functions.ts";
import { jsonToValue } from "../../values/json.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import type { Args } from "../call_args.ts";
import { UDF_TYPES } from "./udf_types.ts";

/** Facts about the deployment that the functions for the command line use. */
export interface AdminSource {
  /** Where clients reach it. */
  url(): string;
  /** Base URL of HTTP actions. */
  siteUrl(): string;
  /** Names of the tables of a component, without system tables. */
  tables(component: string): string[];
  /** Number of documents in a table of a component. */
  tableSize(component: string, table: string): number;
  /** The schema of a component as JSON, if it has one. */
  schema(component: string): string | undefined;
  /** Paths of the components; `""` is the app. */
  components(): readonly string[];
  /** The functions of a component. */
  modules(component: string): FunctionModules;
  /** Environment variables of the deployment. */
  environment(): { name: string; value: string }[];
  /** The latest export; null: none yet. */
  latestExport(): Value;
  /** An import by its id; null when there is none. */
  importOf(id: string): Value;
}

/** Most documents returned by `queryTable`. */
const WATCHED_DOCUMENTS = 256;

/** The part of a query's `ctx` that is used. */
interface QueryContext {
  db: Reader & { system: Reader };
  storage: { getUrl(id: string): Promise<string | null> };
}

interface Reader {
  query(table: string): {
    order(order: string): {
      paginate(options: Value): Promise<Value>;
      take(count: number): Promise<Value>;
    };
  };
}

/** Handler of an admin's query. */
export type Handler = (ctx: QueryContext, args: Args) => unknown;

/**
 * Functions that `npx convex` calls with the admin key: for `data`, `env`, `export`, `function-spec`, `import`, and for
 * the error of `run` about a missing function. They are internal, so only an admin can call them.
 *
 * @param component Path of the component that they are a part of; `""` is the app.
 */
export function adminFunctions(
  source: AdminSource,
  component: string,
): { [path: string]: ModuleExports } {
  return {
    "_system/cli/tables": {
      default: adminQuery(() => ({
        page: source.tables(component).map((name) => ({ name })),
        isDone: true,
        continueCursor: "",
      })),
    },
    "_system/cli/tableData": {
      default: adminQuery(({ db }, { table, order, paginationOpts }) =>
        (String(table).startsWith("_") ? db.system : db)
          .query(table as string)
          .order(order === "asc" ? "asc" : "desc")
          .paginate(paginationOpts!)
      ),
    },
    // Watched by the command line while documents contradict a new schema, until they change.
    "_system/cli/queryTable": {
      default: adminQuery(({ db }, { tableName }) =>
        db.query(String(tableName)).order("desc").take(WATCHED_DOCUMENTS)
      ),
    },
    "_system/cli/tableSize": {
      default: adminQuery((_ctx, { tableName }) =>
        source.tableSize(component, String(tableName))
      ),
    },
    "_system/frontend/components": {
      list: adminQuery(() =>
        source.components().map((path) => ({ id: path, path, state: "active" }))
      ),
    },
    "_system/frontend/getSchemas": {
      default: adminQuery(() => {
        const active = source.schema(component);
        return active === undefined ? {} : { active };
      }),
    },
    "_system/cli/modules": {
      apiSpec: adminQuery(() => functionSpecs(source.modules(component))),
    },
    "_system/cli/convexUrl": {
      cloudUrl: adminQuery(() => source.url()),
      siteUrl: adminQuery(() => source.siteUrl()),
    },
    "_system/cli/queryEnvironmentVariables": {
      default: adminQuery(() => source.environment()),
      // `npx convex` 1.33 gets the URL of HTTP actions by it.
      get: adminQuery((_ctx, { name }) =>
        [
          { name: "CONVEX_CLOUD_URL", value: source.url() },
          { name: "CONVEX_SITE_URL", value: source.siteUrl() },
          ...source.environment(),
        ].find((variable) => variable.name === name) ?? null
      ),
    },
    "_system/cli/exports": {
      getLatest: adminQuery(() => source.latestExport()),
      // The secret name is the last part of a file's URL.
      fileName: adminQuery(async ({ storage }, { id }) =>
        (await storage.getUrl(String(id)))?.split("/").at(-1) ?? ""
      ),
    },
    "_system/cli/queryImport": {
      // None is ever pending, as the command line waits for each import.
      list: adminQuery(() => []),
      default: adminQuery((_ctx, { importId }) =>
        source.importOf(String(importId))
      ),
    },
  };
}

/** A query that only admins can call. */
export function adminQuery(handler: Handler): object {
  return { isQuery: true, isInternal: true, _handler: handler };
}

/** The part of a router of HTTP actions that is used. */
interface Router {
  isRouter?: boolean;
  getRoutes?(): [path: string, method: string, handler: unknown][];
}

async function functionSpecs(modules: FunctionModules): Promise<Value> {
  const specs: { [name: string]: Value }[] = [];
  for (const [file, module] of modulesByName(modules)) {
    if (file.includes("_generated/")) continue;
    const exports = (typeof module === "function" ? await module() : module) as
      | { [name: string]: Registered & Router | undefined }
      | undefined;
    for (const [name, registered] of Object.entries(exports ?? {})) {
      if (!registered) continue;
      if (file === "http" && name === "default") {
        specs.push(...routeSpecs(registered));
      }
      const type = functionTypeOf(registered);
      if (!type) continue;
      specs.push({
        functionType: UDF_TYPES[type],
        identifier: `${file}.js:${name}`,
        args: validatorOf(registered.exportArgs?.()),
        returns: validatorOf(registered.exportReturns?.()),
        visibility: { kind: registered.isPublic ? "public" : "internal" },
      });
    }
  }
  return specs;
}

function routeSpecs(router: Router): { [name: string]: Value }[] {
  const routes = router.getRoutes?.() ?? [];
  return routes.map(([path, method]) => ({
    functionType: UDF_TYPES.httpAction,
    method,
    path,
  }));
}

/** A validator as a value, in which literals are decoded. */
function validatorOf(exported: string | undefined): Value {
  const json: JsonValue = JSON.parse(exported ?? "null");
  return json === null ? { type: "any" } : jsonToValue(json);
}
