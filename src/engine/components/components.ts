import { EngineError } from "../../errors.ts";
import type { SyncStore } from "../../store/types.ts";
import { formatJson } from "../../values/format_json.ts";
import { CallValues } from "../functions/call_values.ts";
import type { CatalogRow } from "../schema/catalog.ts";
import type { Commits } from "../transaction/commits.ts";
import {
  type FunctionModules,
  FunctionRegistry,
} from "../functions/functions.ts";
import type { IdSource } from "../ids.ts";
import type { EngineLimits } from "../limits/limits.ts";
import {
  componentEnvironment,
  type Environment,
} from "./component_environment.ts";
import { openCatalog, writeCatalog } from "./open_catalog.ts";
import { readSchema, type SchemaLike } from "../schema/schema.ts";
import type { SearchCaches } from "../search/search_caches.ts";
import type { Behaviour } from "../behaviour.ts";
import type { Database } from "../transaction/transaction.ts";

/** The app, or one component: functions with tables of their own. */
export interface Component {
  /** `""` for the app, `workpool` for its child, `workflow/workpool` for a child's child. */
  path: string;
  /** Its tables. */
  database: Database;
  /** Its schema as JSON, if it has one. */
  schema: string | undefined;
  /** Its functions. */
  registry: FunctionRegistry;
  /** Checks the arguments and results of its functions. */
  values: CallValues;
  /**
   * Path prefix of its HTTP actions, with a slash at both ends, relative to its parent's; undefined: they are not
   * served. For the app, undefined means all paths that no component has.
   */
  httpPrefix: string | undefined;
  /** `process.env` for its functions; undefined: the host's. */
  env: Environment | undefined;
}

/** A component: functions with tables of their own. */
export interface EngineComponent {
  /** The result of its `defineSchema`. */
  schema?: SchemaLike | undefined;
  /** Its functions. */
  modules: FunctionModules;
  /** Path prefix of its HTTP actions, such as `/stripe`, below its parent's. Default: they are not served. */
  httpPrefix?: string | undefined;
  /**
   * What its functions see as `process.env`, besides `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL`, on hosts with
   * `AsyncLocalStorage`. A module that captures `process.env` must be given as a loader; if loaded earlier, it keeps
   * the host's. Default: the host's.
   */
  env?: { readonly [name: string]: string } | undefined;
}

/** Objects that components share. */
export interface SharedParts {
  /** The rows of all of them. */
  store: SyncStore;
  /** Where their tables are listed. */
  row: CatalogRow;
  /** Creates a source of ids and creation times for a component. */
  ids: () => IdSource;
  /** Decoded rows in memory. */
  caches: SearchCaches;
  /** Timestamps and history of commits. */
  commits: Commits;
  /** Returns the placeholder for the timestamp of the commit. */
  commitTs: () => object;
  /** The engine's behaviour. */
  behaviour: Behaviour;
  /** Limits of values and calls. */
  limits: EngineLimits;
  /** Runs the loader of a module with its `process.env`. */
  loading: <T>(load: () => Promise<T>, env?: Environment) => Promise<T>;
  /** Receives messages for operators. */
  log: (message: string) => void;
}

/** The app and its components, by path. */
export class Components {
  readonly #shared: SharedParts;
  readonly #byPath: Map<string, Component> = new Map();

  /** Begins with no component at all. */
  constructor(shared: SharedParts) {
    this.#shared = shared;
  }

  /** The app itself. */
  get app(): Component {
    return this.get("");
  }

  /** Each of them. */
  all(): IterableIterator<Component> {
    return this.#byPath.values();
  }

  /** A component by its path, if there is one. */
  find(path: string): Component | undefined {
    return this.#byPath.get(path);
  }

  #paths(): string[] {
    return [...this.#byPath.keys()].filter((path) => path !== "");
  }

  /** A component by its path. Throws `COMPONENT_NOT_FOUND`. */
  get(path: string): Component {
    const found = this.#byPath.get(path);
    if (found) return found;
    const registered = this.#paths();
    const name = path.slice(0, 80);
    const others = registered.length === 0
      ? "none is"
      : `these are: ${registered.join(", ").slice(0, 800)}`;
    throw new EngineError(
      "COMPONENT_NOT_FOUND",
      `Component "${name}" is not registered; ${others}. Have the app use it in convex.config.ts, give it to the engine, or, in a test, call t.registerComponent("${name}", schema, modules).`,
      { data: { component: path, registered } },
    );
  }

  /**
   * The component whose HTTP actions answer at a path, and that path as they see it; undefined if there is none. The
   * longest prefix wins.
   */
  mounted(
    pathname: string,
    parent: Component = this.app,
  ): { component: Component; pathname: string } | undefined {
    const isApp = parent === this.app;
    const above = isApp ? "" : `${parent.path}/`;
    let found: Component | undefined;
    for (const each of this.#byPath.values()) {
      const { path, httpPrefix } = each;
      if (!httpPrefix || !`${pathname}/`.startsWith(httpPrefix)) continue;
      const isMount = each === parent
        ? isApp
        : path.startsWith(above) && !path.slice(above.length).includes("/");
      if (isMount && !(httpPrefix.length <= (found?.httpPrefix?.length ?? 0))) {
        found = each;
      }
    }
    if (!found) {
      return isApp && parent.httpPrefix
        ? undefined
        : { component: parent, pathname };
    }
    const rest = pathname.slice(found.httpPrefix!.length - 1) || "/";
    return found === parent
      ? { component: parent, pathname: rest }
      : this.mounted(rest, found);
  }

  /** Adds the app, whose path is `""`, and its components, and stores their tables. */
  addAll(all: { readonly [path: string]: EngineComponent }): void {
    for (const [path, parts] of Object.entries(all)) this.add(path, parts);
    // Once for all of them, as it grows with each.
    writeCatalog(this.#shared.store, this.#shared.row);
  }

  /** Adds or replaces a component. Updates its tables and indexes to its schema; the next commit stores the tables. */
  add(
    path: string,
    { schema, modules, httpPrefix, env: given }: EngineComponent,
  ): Component {
    const { store, caches, commits, commitTs, behaviour } = this.#shared;
    const ids = this.#shared.ids();
    const read = readSchema(schema);
    const catalog = openCatalog(behaviour.schema(read), {
      ...this.#shared,
      component: path,
      ids,
      mayIndexTime: behaviour.mayIndexTime,
    });
    const env = given && componentEnvironment(path, given);
    const registry = new FunctionRegistry(
      modules,
      (load) => this.#shared.loading(load, env),
      behaviour.validator,
    );
    const component: Component = {
      path,
      database: {
        store,
        catalog,
        documents: path === "" || ids.areUnique
          ? caches.documents
          : caches.addDocuments(),
        ids,
        caches,
        commits,
        get commitTs() {
          return registry.commitTs ?? commitTs();
        },
        behaviour,
      },
      get schema() {
        return schema && JSON.stringify(read);
      },
      registry,
      values: new CallValues(catalog),
      httpPrefix: httpPrefix === undefined ? undefined : mountPath(httpPrefix),
      env,
    };
    // Later commits must not be older than its stored documents.
    commits.observe(ids.latest);
    this.#byPath.set(path, component);
    return component;
  }
}

/** Throws `INVALID_ARGUMENT` for a prefix that Convex would refuse. */
function mountPath(httpPrefix: string): string {
  if (!httpPrefix.startsWith("/")) {
    throw new EngineError(
      "INVALID_ARGUMENT",
      `httpPrefix must start with "/", got ${formatJson(httpPrefix)}`,
    );
  }
  return httpPrefix.endsWith("/") ? httpPrefix : `${httpPrefix}/`;
}
