import type { FunctionModules, ModuleExports } from "../engine/engine.ts";
import { adminFunctions } from "./admin/admin_functions.ts";
import {
  type AdminRoute,
  AdminRoutes,
  get,
  post,
} from "./admin/admin_routes.ts";
import {
  checkMethod,
  checkObject,
  checkTypes,
  checkUrl,
  type OptionTypes,
} from "./check_options.ts";
import {
  type DeploymentEnvironment,
  environmentRoutes,
} from "./admin/environment_routes.ts";
import { FunctionLog } from "./admin/function_log.ts";
import { badRequest, HttpFault } from "./http/http_fault.ts";
import { ImportUploads } from "./transfer/import_uploads.ts";
import { Imports } from "./transfer/imports.ts";
import { InlineQueries } from "./admin/inline_queries.ts";
import type { ServedEngine } from "./served_engine.ts";
import { StreamingExport } from "./streaming/streaming_export.ts";
import { StreamingImport } from "./streaming/streaming_import.ts";
import { userTables } from "./admin/table_data.ts";
import { ZipExports } from "./transfer/zip_exports.ts";

/** Receives pushed functions. */
export interface PushTaker {
  /**
   * Answers a step of a push, such as `deploy2/start_push`: the path below `/api/`. Throws `HttpFault` to refuse it.
   */
  take(step: string, request: Request): Promise<object | null>;
  /** Loads a module from its text, for `npx convex run --inline-query`. Absent: that is refused. */
  evaluate?(source: string): Promise<ModuleExports>;
}

/** Options of {@link DeploymentAdmin}. */
export interface DeploymentAdminOptions {
  /** The functions of the app. */
  modules: FunctionModules;
  /** The functions of its components, by path. */
  components?: { [path: string]: { modules: FunctionModules } } | undefined;
  /** URL at which clients reach the server. Default `http://127.0.0.1:3210`. */
  url?: string | undefined;
  /** URL of HTTP actions. Default: `/http` below `url`. */
  siteUrl?: string | undefined;
  /** Environment variables, for `npx convex env`. Default: it is refused. */
  environment?: DeploymentEnvironment | undefined;
  /** Receives what `npx convex dev` and `deploy` push. Default: they are refused. */
  push?: PushTaker | undefined;
  /** The admin that this one replaces, as after a push: the log of functions continues. Default: none. */
  previous?: DeploymentAdmin | undefined;
  /**
   * Largest file to import, in bytes; it is held in memory, as is what it unpacks to, up to four times it. Default 512
   * MiB.
   */
  maxImportBytes?: number | undefined;
}

const TYPES: OptionTypes<DeploymentAdminOptions> = {
  modules: "object",
  components: "object",
  url: "string",
  siteUrl: "string",
  environment: "object",
  push: "object",
  previous: "object",
  maxImportBytes: "number",
};

const MAX_IMPORT_BYTES = 512 * 1024 * 1024;
/** An archive may unpack to so many times `maxImportBytes`. */
const MAX_UNPACKING = 4;

/**
 * What `npx convex` needs from a server beyond `run`, all with the admin key: `data`, `env`, `export`, `function-spec`,
 * `import` and `logs`. Add its functions to the engine beside the app's own, then pass it to `createConvexServer`.
 *
 * `dev`, `deploy` and `run --inline-query` are refused unless `push` receives what they send, as `deno task serve
 * --push` does: an engine's functions are those it was opened with.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, DeploymentAdmin } from "@cortex/memory/server";
 *
 * const modules = {};
 * const admin = new DeploymentAdmin({ modules });
 * const engine = openEngine({ modules: { ...modules, ...admin.functions() } });
 * const server = createConvexServer(engine, { adminKey: "dev|0a1b", admin });
 * server.close();
 * await engine.close();
 * ```
 */
export class DeploymentAdmin {
  readonly #options: Omit<DeploymentAdminOptions, "previous">;
  readonly #components: readonly string[];
  readonly #log: FunctionLog;
  readonly #inline = new InlineQueries();
  #engine: ServedEngine | undefined;
  #imports: Imports | undefined;
  #exports: ZipExports | undefined;
  /** Empty until the engine is attached. */
  #routes: AdminRoutes = new AdminRoutes([]);

  /** Takes the app's functions. Throws `TypeError` for an unknown option, or one of the wrong type. */
  constructor(options: DeploymentAdminOptions) {
    checkTypes("DeploymentAdmin", options, TYPES);
    checkObject("DeploymentAdmin", "modules", options.modules);
    const { previous, ...rest } = options;
    const { environment, push } = rest;
    checkUrl("DeploymentAdmin", "url", rest.url);
    checkUrl("DeploymentAdmin", "siteUrl", rest.siteUrl);
    for (const method of environment ? ["list", "update"] : []) {
      checkMethod("DeploymentAdmin", "environment", environment, method);
    }
    if (push) checkMethod("DeploymentAdmin", "push", push, "take");
    if (previous) {
      checkMethod("DeploymentAdmin", "previous", previous, "functions");
    }
    this.#options = rest;
    this.#log = previous ? previous.#log : new FunctionLog();
    this.#components = ["", ...Object.keys(options.components ?? {})];
  }

  /**
   * Returns the functions to add to the app's own, or to those of one of its components.
   *
   * @param component Path of the component. Default `""`: the app.
   *
   * @example
   * ```ts
   * import { DeploymentAdmin } from "@cortex/memory/server";
   * import { openEngine } from "@cortex/memory/embedded";
   * import { assert } from "@std/assert";
   *
   * const admin = new DeploymentAdmin({ modules: {} });
   * await using engine = openEngine({ modules: { ...admin.functions() } });
   * assert(Object.keys(admin.functions()).includes("_system/cli/tables"));
   * ```
   */
  functions(component = ""): { [path: string]: ModuleExports } {
    const { modules, components, environment } = this.#options;
    const own = adminFunctions({
      url: () => this.#url,
      siteUrl: () => this.#siteUrl,
      tables: (path) => userTables(this.#engine!, path),
      tableSize: (path, table) => this.#engine!.tableSize!(table, path),
      schema: (path) => this.#engine!.schema!(path),
      components: () => this.#components,
      modules: (path) => path === "" ? modules : components![path]!.modules,
      environment: () => environment?.list() ?? [],
      latestExport: () => this.#exports?.latest() ?? null,
      importOf: (id) => {
        const state = this.#imports?.stateOf(id);
        return state ? { state } : null;
      },
    }, component);
    Object.assign(own, this.#inline.functions());
    return component === "" ? { ...own, ...StreamingImport.functions() } : own;
  }

  get #url(): string {
    return this.#options.url ?? "http://127.0.0.1:3210";
  }

  get #siteUrl(): string {
    return this.#options.siteUrl ?? `${this.#url}/http`;
  }

  /**
   * Called by the server with its engine. Throws `TypeError` for an incomplete engine.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { DeploymentAdmin } from "@cortex/memory/server";
   * import { assertEquals } from "@std/assert";
   *
   * const admin = new DeploymentAdmin({ modules: {} });
   * await using engine = openEngine({ modules: admin.functions() });
   * admin.attach(engine); // done by `createConvexServer(engine, { adminKey, admin })`
   * const url = new URL("http://localhost/api/v1/deployment_info");
   * const answer = await admin.answer(new Request(url), url);
   * assertEquals(await answer?.json(), { kind: "selfHosted" });
   * ```
   */
  attach(engine: ServedEngine): void {
    const { changes, importData, schema, tables } = engine;
    if (!changes || !importData || !schema || !tables) {
      throw new TypeError("an admin needs an engine of openEngine");
    }
    this.#engine = engine;
    engine.observe?.((execution) => {
      // Calls of the command line do not belong into the app's log.
      if (!execution.name.startsWith("_system/")) this.#log.add(execution);
    });
    this.#exports = new ZipExports(engine, this.#components);
    const { environment, maxImportBytes = MAX_IMPORT_BYTES } = this.#options;
    this.#imports = new Imports(
      engine,
      this.#components,
      MAX_UNPACKING * maxImportBytes,
    );
    this.#routes = new AdminRoutes([
      ...this.#ownRoutes(),
      // Queries may depend on the variables.
      ...environmentRoutes(environment, () => engine.refresh?.()),
      ...this.#exports.routes(),
      ...new ImportUploads(this.#imports, maxImportBytes).routes(),
      ...this.#log.routes(),
      ...new StreamingExport(engine, this.#components).routes(),
      ...new StreamingImport(engine).routes(),
    ]);
  }

  /**
   * Throws `HttpFault` if the path is an admin's; for requests without the admin key.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { DeploymentAdmin } from "@cortex/memory/server";
   * import { assertThrows } from "@std/assert";
   *
   * const admin = new DeploymentAdmin({ modules: {} });
   * await using engine = openEngine({ modules: admin.functions() });
   * admin.attach(engine);
   * admin.refuseOutsider(new URL("http://localhost/api/query")); // everybody's
   * assertThrows(() => admin.refuseOutsider(new URL("http://localhost/api/v1/deployment_info")));
   * ```
   */
  refuseOutsider({ pathname }: URL): undefined {
    if (!this.#routes.has(pathname)) return;
    throw new HttpFault(
      403,
      "Forbidden",
      "this needs the admin key: Authorization: Convex <key>",
    );
  }

  /**
   * Answers a request of an admin; undefined for paths that are not its own. Throws `HttpFault`.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { DeploymentAdmin } from "@cortex/memory/server";
   * import { assertEquals } from "@std/assert";
   *
   * const admin = new DeploymentAdmin({ modules: {} });
   * await using engine = openEngine({ modules: admin.functions() });
   * admin.attach(engine);
   * const url = new URL("http://localhost/api/query"); // not an admin's
   * assertEquals(await admin.answer(new Request(url), url), undefined);
   * ```
   */
  answer(request: Request, url: URL): Promise<Response | undefined> {
    return this.#routes.answer(request, url);
  }

  /** Routes for facts about the deployment, pushes and inline queries. */
  #ownRoutes(): AdminRoute[] {
    const takePush: AdminRoute["answer"] = ({ request, url }) => {
      const { push } = this.#options;
      if (!push) throw functionsAreFixed();
      return push.take(url.pathname.slice("/api/".length), request);
    };
    return [
      get("/api/v1/deployment_info", () => ({ kind: "selfHosted" })),
      get("/api/v1/get_canonical_urls", () => ({
        convexCloudUrl: this.#url,
        convexSiteUrl: this.#siteUrl,
      })),
      { path: "/api/deploy2/", answer: takePush },
      { path: "/api/get_config", answer: takePush },
      { path: "/api/get_config_hashes", answer: takePush },
      { path: "/api/prepare_schema", answer: takePush },
      { path: "/api/push_config", answer: takePush },
      post("/api/run_test_function", ({ request }) => {
        const { push } = this.#options;
        if (!push?.evaluate) throw functionsAreFixed();
        const evaluate = push.evaluate.bind(push);
        return this.#inline.answer(request, this.#engine!, evaluate);
      }),
    ];
  }
}

function functionsAreFixed(): HttpFault {
  return badRequest(
    "FunctionsAreFixed",
    "This server's functions are those that it was started with: change them there, and start it again",
  );
}
