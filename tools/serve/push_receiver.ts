import { HttpFault } from "../../src/server/http/http_fault.ts";
import type { ModuleExports } from "../../src/engine/engine.ts";
import type { PushTaker } from "../../src/server/mod.ts";
import { messageOf } from "../../src/values/message_of.ts";
import { mapOf, placesInPushed } from "./places.ts";
import { analysisOf } from "./push_analysis.ts";
import { checkSchemas } from "./check_schema.ts";
import { type LoadedFunctions, loadFrom, type Site } from "./load_functions.ts";
import { MissingVariables, THE_APP } from "./variables.ts";
import { checkAuth } from "./check_auth.ts";
import { ExternalPackages } from "./external_packages.ts";
import { componentDiffs, indexDiffs } from "./push_diff.ts";
import { type PushRequest, readPush } from "./push_request.ts";
import { PushedFunctions } from "./pushed_functions.ts";

const NOTHING: LoadedFunctions = {
  modules: {},
  schema: undefined,
  authConfig: undefined,
  components: {},
};

/** Refuses pushes when a folder is served. The admin key then allows changing data, but not running other code. */
export const servesFolder: PushTaker = {
  take() {
    throw new HttpFault(
      400,
      "NeedsPush",
      "`npx convex dev`, `deploy` and `codegen` need a server that is started with --push FILE, without --functions",
    );
  },
};

/** A push that has begun. */
interface Push {
  request: PushRequest;
  functions: LoadedFunctions;
}

/**
 * Receives pushes of `npx convex dev` and `npx convex deploy`. Loads the functions, describes them, and serves them
 * unless the data contradicts the schema. The latest push is kept in a file.
 */
export class PushReceiver implements PushTaker {
  readonly #file: string;
  readonly #site: Site;
  readonly #serve: (functions: LoadedFunctions) => Promise<void>;
  readonly #packages: ExternalPackages;
  /** The functions that are served. */
  #served = NOTHING;
  /** The version of `convex` that they were bundled with. */
  #version: string | undefined;
  #begun: Push | undefined;
  /** How the last push changed components. */
  #componentDiffs: object = {};

  /**
   * `file` keeps the latest push. `serve` serves functions, and rejects if the data contradicts the schema. By default,
   * packages are installed in a folder next to the file.
   */
  constructor(
    file: string,
    site: Site,
    serve: (functions: LoadedFunctions) => Promise<void>,
    packages: ExternalPackages = new ExternalPackages(`${file}.packages`),
  ) {
    this.#packages = packages;
    this.#file = file;
    this.#site = site;
    this.#serve = serve;
  }

  /** The functions of the last push; empty before the first. */
  async latest(): Promise<LoadedFunctions> {
    let text: string;
    try {
      text = await Deno.readTextFile(this.#file);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return NOTHING;
      throw error;
    }
    const request: PushRequest = JSON.parse(text);
    this.#served = await this.#load(request, (_source, functions) => functions);
    this.#version = request.appDefinition.udfServerVersion;
    return this.#served;
  }

  /** Answers a step of a push. */
  async take(step: string, request: Request): Promise<object | null> {
    const body = await readPush(request) as PushRequest;
    switch (step) {
      case "get_config_hashes":
        return {
          config: { functions: "convex" },
          udfServerVersion: this.#version,
          // Reports no module as present, so that all are sent.
          moduleHashes: [],
        };
      case "deploy2/evaluate_push":
        return { schemaChange: (await this.#evaluate(body)).schemaChange };
      case "deploy2/start_push":
        return await this.#start(body);
      case "deploy2/wait_for_schema":
        return await this.#change(body.dryRun);
      case "deploy2/finish_push":
        return {
          authDiff: { added: [], removed: [] },
          definitionDiffs: {},
          componentDiffs: this.#componentDiffs,
        };
      case "deploy2/report_push_completed":
        return null;
      case "prepare_schema":
        throw new HttpFault(
          400,
          "OldCommandLine",
          "This server takes what `npx convex` 1.28 and later push: install a later version of convex",
        );
      default:
        throw new HttpFault(404, "NotFound", `There is no step ${step}`);
    }
  }

  /** Loads a module from its text. */
  evaluate(source: string): Promise<ModuleExports> {
    const text = encodeURIComponent(source);
    return import(`data:text/javascript;charset=utf-8,${text}`);
  }

  async #start(request: PushRequest): Promise<object> {
    const { analysis, app, functions, schemaChange } = await this.#evaluate(
      request,
    );
    this.#begun = { request, functions };
    return {
      environmentVariables: {},
      externalDepsId: null,
      componentDefinitionPackages: {},
      appAuth: [],
      analysis,
      app,
      schemaChange,
    };
  }

  /** Loads the pushed functions, and describes what they would change. */
  async #evaluate(request: PushRequest) {
    try {
      const loaded = await this.#load(
        request,
        async (source, functions) => ({
          functions,
          ...await analysisOf(source),
        }),
      );
      checkAuth(request.appDefinition, loaded.functions.authConfig);
      // Not done for the kept push: it is served even if it would be refused now.
      checkSchemas(loaded.functions);
      return {
        ...loaded,
        schemaChange: {
          allocatedComponentIds: {},
          schemaIds: {},
          indexDiffs: indexDiffs(this.#served, loaded.functions),
        },
      };
    } catch (error) {
      if (error instanceof HttpFault) throw error;
      if (error instanceof MissingVariables && error.who === THE_APP) {
        throw new HttpFault(
          400,
          "MissingEnvironmentVariables",
          `Variables are not set: ${
            error.names.join(", ")
          }. (${error.message})`,
        );
      }
      throw new HttpFault(400, "InvalidModules", messageOf(error));
    }
  }

  /** Loads the pushed functions, and returns what `made` returns, which runs while their files exist. */
  async #load<T>(
    request: PushRequest,
    made: (source: PushedFunctions, functions: LoadedFunctions) => T,
  ): Promise<Awaited<T>> {
    const { nodeDependencies = [] } = request;
    const folder = await Deno.makeTempDir(
      nodeDependencies.length > 0
        ? { dir: await this.#packages.folderOf(nodeDependencies) }
        : {},
    );
    try {
      const source = new PushedFunctions(request, folder);
      const functions = {
        ...await loadFrom(source, "", this.#site),
        placesOf: placesInPushed,
      };
      return await made(source, functions);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  /** Serves the pushed functions, unless the data contradicts their schema. */
  async #change(isDryRun: boolean): Promise<object> {
    const push = this.#begun;
    if (!push) return { type: "raceDetected" };
    this.#componentDiffs = componentDiffs(this.#served, push.functions);
    if (isDryRun) return { type: "complete" };
    this.#begun = undefined;
    try {
      await this.#serve(push.functions);
    } catch (error) {
      const componentPath = "";
      const failed = { type: "failed", componentPath, tableName: null };
      return { ...failed, error: messageOf(error) };
    }
    this.#served = push.functions;
    const { appDefinition, componentDefinitions, nodeDependencies } =
      push.request;
    this.#version = appDefinition.udfServerVersion;
    const kept = { appDefinition, componentDefinitions, nodeDependencies };
    // Without the sources in the maps, which are most of the size.
    const text = JSON.stringify(
      kept,
      (name, value) => name === "sourceMap" ? mapOf(value) : value,
    );
    await Deno.writeTextFile(`${this.#file}.new`, text);
    await Deno.rename(`${this.#file}.new`, this.#file);
    return { type: "complete" };
  }
}
