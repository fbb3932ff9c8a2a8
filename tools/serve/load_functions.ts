import process from "node:process";
import { FunctionBundler } from "./bundle_functions.ts";
import type { Definition } from "./definition.ts";
import type { PlacesOf } from "../../src/engine/engine.ts";
import { checkFunctions, type Exports } from "./check_functions.ts";
import { checkSchemas } from "./check_schema.ts";
import { placesIn } from "./places.ts";
import {
  checkEnvironment,
  type Environment,
  givenVariables,
  THE_APP,
  valuesOf,
  type Variables,
} from "./variables.ts";

/** The functions and the schema of an app or a component. */
export interface Backend {
  /** Modules with functions, by their path without extension. */
  modules: { [path: string]: Exports };
  /** Default export of `schema`, if there is one. */
  schema: object | undefined;
  /** Path prefix of its HTTP actions. */
  httpPrefix?: string | undefined;
}

/** The content of a `convex/` folder. */
export interface LoadedFunctions extends Backend {
  /** Default export of `auth.config`, if there is one. */
  authConfig: unknown;
  /** Components that `convex.config` uses, by their path. */
  components: { [path: string]: Backend };
  /** Finds where in the functions an error was thrown. */
  placesOf?: PlacesOf;
  /** Throws if these environment variables contradict a declaration of the app or of a component. */
  checkVariables?(env: Environment): void;
  /** Evaluates `auth.config` again, as it may read variables; absent if there is none. */
  authConfigNow?(): Promise<unknown>;
}

/** The URLs of a deployment, without a slash at the end. */
export interface Site {
  /** For clients. */
  cloud: string;
  /** Of HTTP actions. */
  site: string;
}

/**
 * Loads the functions of a `convex/` folder and of the components that it uses. Sets `CONVEX_CLOUD_URL` and
 * `CONVEX_SITE_URL` in `process.env`; a component sees these and the variables that it is given. Throws what esbuild or
 * the modules throw.
 */
export async function loadFunctions(
  folder: string,
  { cloud, site }: Site,
): Promise<LoadedFunctions> {
  const root = await Deno.realPath(folder).catch((cause) => {
    throw new Error(`there is no folder ${folder} to read`, { cause });
  });
  await refuseProject(folder, root);
  const external = await externalPackages(root);
  return await FunctionBundler.lend(
    external,
    async (bundler) => {
      const loaded = await loadFrom(bundler, root, { cloud, site });
      checkSchemas(loaded);
      return { ...loaded, placesOf: placesIn(root) };
    },
  );
}

/** Throws for the folder of a project instead of its `convex/`: loading would run all programs of the project. */
async function refuseProject(folder: string, root: string): Promise<void> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(root)) names.add(name);
  const isProject = PROJECT_FILES.some((name) => names.has(name));
  if (!isProject || !names.has("convex")) return;
  const own = `${folder.replace(/\/+$/, "")}/convex`;
  throw new Error(
    `${folder} is the folder of a project, not of its functions: those are in ${own}`,
  );
}

const PROJECT_FILES = [
  "package.json",
  "convex.json",
  "deno.json",
  "deno.jsonc",
];

/** Provides the functions of an app and its components. */
export interface FunctionSource {
  /** The definition in the configuration of the app, or of a component, if there is one. */
  definition(path: string): Promise<Definition | undefined>;
  /** Modules by their path without extension. `env` is their `process.env`; default: the app's. */
  modules(
    path: string,
    env?: Variables,
  ): Promise<{ [path: string]: Exports }>;
  /** A function that evaluates the `auth.config` of the app anew; undefined if there is none. */
  authConfig(path: string): Promise<(() => Promise<unknown>) | undefined>;
}

/** Loads the functions of an app, and of the components that it uses. Throws what the modules throw. */
export async function loadFrom(
  source: FunctionSource,
  root: string,
  { cloud, site }: Site,
): Promise<LoadedFunctions> {
  process.env.CONVEX_CLOUD_URL = cloud;
  process.env.CONVEX_SITE_URL = site;
  const app = await source.definition(root);
  const httpPrefix = app?._httpPrefix;
  process.env.CONVEX_SITE_URL = site + withoutSlash(httpPrefix);
  const checks: ((env: Environment) => void)[] = [];
  const check = (who: string, definition: Definition, own?: Variables) => {
    const checkOne = (env: Environment) =>
      checkEnvironment(who, definition, own ? valuesOf(own, env) : env);
    checkOne(process.env);
    checks.push(checkOne);
  };
  if (app) check(THE_APP, app);
  const all = await source.modules(root);
  if (Object.keys(all).length === 0) {
    throw new Error(`there are no functions in ${root}`);
  }
  const components: LoadedFunctions["components"] = {};
  const place = async (
    parent: Definition,
    above: string,
    parentEnv: Variables | undefined,
    parentSite: string,
  ) => {
    for (const use of parent._childComponents) {
      const [name, { componentDefinitionPath }, bound, httpPrefix] = use;
      const path = above === "" ? name : `${above}/${name}`;
      const own = (await source.definition(componentDefinitionPath))!;
      const given = givenVariables(bound, parentEnv);
      check(`the component "${path}"`, own, given);
      const ownSite = parentSite + withoutSlash(httpPrefix);
      const env = {
        ...given,
        CONVEX_CLOUD_URL: cloud,
        CONVEX_SITE_URL: ownSite,
      };
      const modules = await source.modules(componentDefinitionPath, env);
      components[path] = { ...backendOf(modules), httpPrefix };
      await place(own, path, env, ownSite);
    }
  };
  if (app) await place(app, "", undefined, site);
  const authConfigNow = await source.authConfig(root);
  return {
    ...backendOf(all),
    httpPrefix,
    authConfig: all["auth.config"]?.default,
    components,
    ...(authConfigNow && { authConfigNow }),
    checkVariables: (env) => checks.forEach((check) => check(env)),
  };
}

/** The packages that the project's `convex.json`, next to the folder, excludes from bundles. */
async function externalPackages(folder: string): Promise<string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${folder}/../convex.json`);
  } catch {
    return [];
  }
  try {
    return JSON.parse(text).node?.externalPackages ?? [];
  } catch (cause) {
    throw new Error(`convex.json: ${(cause as Error).message}`, { cause });
  }
}

function backendOf(all: { [path: string]: Exports }): Backend {
  const { schema, "auth.config": _auth, ...modules } = all;
  checkFunctions(modules);
  return { modules, schema: schema?.default as object | undefined };
}

function withoutSlash(prefix: string | undefined): string {
  return prefix?.replace(/\/$/, "") ?? "";
}
