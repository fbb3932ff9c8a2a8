import type { FunctionModules, ModuleExports } from "../engine/engine.ts";
import type { OptionNames } from "../unknown_option.ts";
import type { Value } from "../values/types.ts";
import { adminFunctions } from "./admin_functions.ts";
import {
  type EnvironmentChange,
  type EnvironmentVariable,
  readChanges,
} from "./environment_changes.ts";
import { exportZip } from "./export_zip.ts";
import { FunctionLog } from "./function_log.ts";
import { readJson } from "./http_call.ts";
import { badRequest, HttpFault, requireMethod } from "./http_fault.ts";
import { type ImportPlan, Imports, MAX_WAITING } from "./imports.ts";
import { keepLatest } from "./keep_latest.ts";
import { readBytes } from "./request_body.ts";
import { InlineQueries } from "./inline_queries.ts";
import type { ServedEngine } from "./served_engine.ts";
import { StreamingExport } from "./streaming_export.ts";
import { StreamingImport } from "./streaming_import.ts";
import { userTables } from "./table_data.ts";
import { checkNames } from "./check_names.ts";

/** Storage for the functions' environment variables. */
export interface DeploymentEnvironment {
  /** Returns all variables. */
  list(): EnvironmentVariable[];
  /** Sets variables, or removes those whose value is null. Rejects with `TypeError` for what it cannot store. */
  update(changes: EnvironmentChange[]): Promise<void>;
}

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
  components?: { [path: string]: { modules: FunctionModules } };
  /** URL at which clients reach the server. Default `http://127.0.0.1:3210`. */
  url?: string;
  /** URL of HTTP actions. Default: `/http` below `url`. */
  siteUrl?: string;
  /** Environment variables, for `npx convex env`. Default: it is refused. */
  environment?: DeploymentEnvironment;
  /** Receives what `npx convex dev` and `deploy` push. Default: they are refused. */
  push?: PushTaker;
  /** Largest file to import, in bytes; it is held in memory. Default 512 MiB. */
  maxImportBytes?: number;
}

const NAMES: OptionNames<DeploymentAdminOptions> = {
  modules: 1,
  components: 1,
  url: 1,
  siteUrl: 1,
  environment: 1,
  push: 1,
  maxImportBytes: 1,
};

/** What only admins may ask for. */
const ADMIN_PATHS =
  /^\/api\/(deploy2|export|import|streaming_import|v1|document_deltas|get_\w+|json_schemas|list_snapshot|perform_import|prepare_schema|push_config|run_test_function|shapes2|stream_\w+|test_streaming_export_connection|update_environment_variables)(\/|$)/;
const MAX_IMPORT_BYTES = 512 * 1024 * 1024;
const MAX_JSON_BYTES = 4 * 1024 * 1024;

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
  readonly #options: DeploymentAdminOptions;
  readonly #components: readonly string[];
  readonly #uploads: Map<string, Uint8Array<ArrayBuffer>[]> = new Map();
  readonly #log = new FunctionLog();
  readonly #inline = new InlineQueries();
  #engine: ServedEngine | undefined;
  #imports: Imports | undefined;
  #exports: StreamingExport | undefined;
  #streamed: StreamingImport | undefined;
  /** Timestamp of the latest export, and whether it has the files. */
  #export: { ts: bigint; includeStorage: boolean } | undefined;

  /** Takes the app's functions. Throws `TypeError` for an unknown option. */
  constructor(options: DeploymentAdminOptions) {
    checkNames("DeploymentAdmin", options, NAMES);
    this.#options = options;
    this.#components = ["", ...Object.keys(options.components ?? {})];
  }

  /** Returns the functions to add to the app's own, or to those of one of its components. */
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
      latestExport: () => this.#latestExport(),
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

  /** Called by the server with its engine. Throws `TypeError` for an incomplete engine. */
  attach(engine: ServedEngine): void {
    const { changes, importData, schema, tables } = engine;
    if (!changes || !importData || !schema || !tables) {
      throw new TypeError("an admin needs an engine of openEngine");
    }
    this.#engine = engine;
    engine.observe?.((execution) => {
      // What the command line asks is not the app's doing.
      if (!execution.name.startsWith("_system/")) this.#log.add(execution);
    });
    this.#imports = new Imports(engine, this.#components);
    this.#exports = new StreamingExport(engine, this.#components);
    this.#streamed = new StreamingImport(engine);
  }

  /** Throws `HttpFault` where somebody else than an admin asks for what `answer` answers. */
  refuseOutsider({ pathname }: URL): undefined {
    if (!ADMIN_PATHS.test(pathname)) return;
    throw new HttpFault(
      403,
      "Forbidden",
      "this needs the admin key: Authorization: Convex <key>",
    );
  }

  /** Answers a request of an admin; undefined for paths that are not its own. Throws `HttpFault`. */
  async answer(request: Request, url: URL): Promise<Response | undefined> {
    const streamed = await this.#exports!.answer(request, url) ??
      await this.#streamed!.answer(request, url);
    if (streamed) return streamed;
    const { pathname, searchParams } = url;
    const [, ts] = /^\/api\/export\/zip\/(\d{1,20})$/.exec(pathname) ?? [];
    if (ts !== undefined) {
      requireMethod(request, "GET");
      return this.#download(BigInt(ts));
    }
    if (pathname === "/api/v1/get_canonical_urls") {
      requireMethod(request, "GET");
      const convexSiteUrl = this.#siteUrl;
      return Response.json({ convexCloudUrl: this.#url, convexSiteUrl });
    }
    if (
      /^\/api\/(deploy2\/|get_config|prepare_schema|push_config)/.test(pathname)
    ) {
      const { push } = this.#options;
      if (!push) throw functionsAreFixed();
      const step = pathname.slice("/api/".length);
      return Response.json(await push.take(step, request));
    }
    if (/^\/api\/stream_(function_logs|udf_execution)$/.test(pathname)) {
      requireMethod(request, "GET");
      const cursor = Number(searchParams.get("cursor") ?? 0);
      if (!(cursor >= 0)) throw badRequest("BadCursor", "no such cursor");
      return Response.json(await this.#log.after(cursor, request.signal));
    }
    const steps: { [pathname: string]: () => Promise<object | string | null> } =
      {
        "/api/update_environment_variables": () => this.#setVariables(request),
        "/api/v1/update_environment_variables": () =>
          this.#setVariables(request),
        "/api/run_test_function": () => {
          const { push } = this.#options;
          if (!push?.evaluate) throw functionsAreFixed();
          const evaluate = push.evaluate.bind(push);
          const engine = this.#engine!;
          return this.#inline.answer(request, engine, evaluate, MAX_JSON_BYTES);
        },
        "/api/export/request/zip": async () => {
          await request.body?.cancel();
          const includeStorage = searchParams.get("includeStorage") === "true";
          this.#export = { ts: this.#engine!.timestamp(), includeStorage };
          return null;
        },
        "/api/import/start_upload": async () => {
          await request.body?.cancel();
          const uploadToken = crypto.randomUUID();
          keepLatest(this.#uploads, MAX_WAITING, uploadToken, []);
          return { uploadToken };
        },
        "/api/import/upload_part": () => this.#takePart(request, searchParams),
        "/api/import/finish_upload": () => this.#finishUpload(request),
        "/api/perform_import": async () => {
          const { importId } = await readJson(request, MAX_JSON_BYTES);
          await this.#imports!.perform(String(importId));
          return {};
        },
      };
    const facts: { [pathname: string]: () => object } = {
      "/api/v1/deployment_info": () => ({ kind: "selfHosted" }),
      "/api/v1/list_environment_variables": () => ({
        environmentVariables: Object.fromEntries(
          (this.#options.environment?.list() ?? [])
            .map(({ name, value }) => [name, value]),
        ),
      }),
    };
    if (Object.hasOwn(facts, pathname)) {
      requireMethod(request, "GET");
      return Response.json(facts[pathname]!());
    }
    if (!Object.hasOwn(steps, pathname)) return undefined;
    requireMethod(request, "POST");
    return Response.json(await steps[pathname]!());
  }

  async #setVariables(request: Request): Promise<null> {
    const { environment } = this.#options;
    const { changes } = await readJson(request, MAX_JSON_BYTES);
    if (!environment) {
      throw badRequest(
        "NoEnvironment",
        "This server keeps no environment variables: functions see those that it was started with",
      );
    }
    const read = readChanges(changes, environment.list());
    try {
      await environment.update(read);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw badRequest("InvalidEnvironmentVariable", error.message);
    }
    // Queries may have read them.
    this.#engine!.refresh?.();
    return null;
  }

  #latestExport(): Value {
    if (!this.#export) return null;
    const { ts } = this.#export;
    return {
      state: "completed",
      start_ts: ts,
      complete_ts: ts,
      zip_object_key: String(ts),
    };
  }

  /** The archive is written while it is sent: of what is there then. */
  #download(ts: bigint): Response {
    if (this.#export?.ts !== ts) {
      throw new HttpFault(404, "NoSuchExport", `There is no export ${ts}`);
    }
    const body = exportZip(
      this.#engine!,
      this.#components,
      this.#export.includeStorage,
    );
    return new Response(body, {
      headers: {
        "content-type": "application/zip",
        "content-disposition": `attachment; filename=snapshot_${ts}.zip`,
      },
    });
  }

  async #takePart(
    request: Request,
    searchParams: URLSearchParams,
  ): Promise<string> {
    const { maxImportBytes = MAX_IMPORT_BYTES } = this.#options;
    const parts = this.#uploads.get(searchParams.get("uploadToken") ?? "");
    const number = Number(searchParams.get("partNumber"));
    if (!parts || !(number >= 1 && number <= 10_000)) {
      await request.body?.cancel();
      throw badRequest("BadUpload", "there is no such upload, or no such part");
    }
    // All uploads together are held in memory.
    let taken = 0;
    for (const upload of this.#uploads.values()) {
      for (const part of upload) taken += part?.length ?? 0;
    }
    const bytes = await readBytes(request, maxImportBytes - taken);
    if (!bytes) {
      throw new HttpFault(
        413,
        "FileTooLarge",
        `What is imported must have at most ${maxImportBytes} bytes`,
      );
    }
    parts[number - 1] = bytes;
    return String(number);
  }

  async #finishUpload(request: Request): Promise<object> {
    const body = await readJson(request, MAX_JSON_BYTES);
    const token = String(body.uploadToken);
    const parts = this.#uploads.get(token);
    this.#uploads.delete(token);
    const plan = body.import as ImportPlan | undefined;
    if (!parts || typeof plan !== "object" || plan === null) {
      throw badRequest("BadUpload", "there is no such upload, or no plan");
    }
    const whole = await new Blob(parts).arrayBuffer();
    const importId = await this.#imports!.prepare(plan, new Uint8Array(whole));
    return { importId };
  }
}

function functionsAreFixed(): HttpFault {
  return badRequest(
    "FunctionsAreFixed",
    "This server's functions are those that it was started with: change them there, and start it again",
  );
}
