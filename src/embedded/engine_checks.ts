/** Checks the options of an engine, and of its calls, before anything is opened or started. */
import type {
  Engine,
  EngineComponent,
  ServiceAccess,
} from "../engine/engine.ts";
import {
  functionTypeOf,
  type Registered,
} from "../engine/functions/functions.ts";
import type { EmbeddedCallOptions, EmbeddedOptions } from "./engine_options.ts";
import { mustBe, mustHaveNames } from "../engine/must_be.ts";

/** A requirement on a value, in words and as a test. */
type Rule = readonly [bound: string, test: (value: unknown) => boolean];

/** Rules by name; undefined if the value is checked where it is used. */
type Rules<Options = Record<string, unknown>> = {
  readonly [name in keyof Required<Options>]: Rule | undefined;
};

const isString = (value: unknown) => typeof value === "string";
const isFunction = (value: unknown) => typeof value === "function";

function isObject(
  value: unknown,
): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasMethods(value: unknown, ...methods: string[]): boolean {
  return isObject(value) && methods.every((name) => isFunction(value[name]));
}

const MODULES: Rule = ['modules by path, { "tasks.ts": tasks }', isObject];

const OPTIONS = {
  schema: undefined,
  modules: MODULES,
  components: ["an object of components by path", isObject],
  httpPrefix: ["a path, such as /api", isString],
  store: [
    "the path of a SQLite file, or a store",
    (value) => isString(value) || hasMethods(value, "get"),
  ],
  clock: [
    "{ now, set, clear }, of which now gives the time in ms",
    (value) =>
      hasMethods(value, "now", "set", "clear") &&
      Number.isFinite((value as { now(): unknown }).now()),
  ],
  random: ["a function that fills an array of bytes", isFunction],
  limits: ["an object of limits by name", isObject],
  auth: ["a function that gives a token's user", isFunction],
  crons: ["true or false", (value) => typeof value === "boolean"],
  url: [
    "an absolute http(s) URL",
    (value) => isString(value) && /^https?:\/\/./.test(value as string),
  ],
  services: ["an object of { url, token } by service", isObject],
  log: ["a function", isFunction],
} satisfies Rules<EmbeddedOptions>;

const COMPONENT = {
  schema: undefined,
  modules: MODULES,
  httpPrefix: OPTIONS.httpPrefix,
  env: ["an object of strings by name", isObject],
} satisfies Rules<EngineComponent>;

const SERVICE = {
  url: OPTIONS.url,
  token: [
    "a string, or a function that gives one",
    (value) => isString(value) || isFunction(value),
  ],
} satisfies Rules<ServiceAccess>;

const WATCH = {
  signal: [
    "an AbortSignal",
    (value) => hasMethods(value, "addEventListener"),
  ],
  journal: ["an object that the engine keeps the page's end in", isObject],
  identity: [
    "an identity, such as { subject, issuer, tokenIdentifier }, or null",
    (value) => value === null || isObject(value),
  ],
} satisfies Rules;

const CALL = {
  ...WATCH,
  token: ["a string", isString],
} satisfies Rules<EmbeddedCallOptions>;

/** What a client or a facade over the engine says to whatever it is over. */
export interface ClientHints {
  /** Sent as the argument of that name. */
  idempotencyKey?: string | undefined;
  /** No effect: an engine's mutations need no queue. */
  skipQueue?: unknown;
  /** No effect: an engine's calls need no request. */
  batch?: unknown;
}

const CLIENT_CALL = {
  ...CALL,
  idempotencyKey: ["a string", isString],
  skipQueue: undefined,
  batch: undefined,
} satisfies Rules<EmbeddedCallOptions & ClientHints>;

/**
 * Checks the options of `openEngine`. Unknown names are refused, since with `path` instead of `store` the data would
 * silently stay in memory, and so are values that the engine would fail on with a less clear error. Throws
 * `INVALID_ARGUMENT`.
 */
export function checkEngineOptions(options: object | undefined): void {
  check("openEngine", "", options ?? {}, OPTIONS, ["modules"]);
  const { modules, components = {}, services = {} } = options as {
    modules: object;
    components?: object;
    services?: object;
  };
  checkModules("", modules);
  for (const [path, component] of Object.entries(components)) {
    const name = `components[${JSON.stringify(path)}]`;
    const isPath = path.split("/").every((part) => part.length > 0);
    const bound = "under a path such as workpool or workflow/workpool";
    mustBe(name, bound, isPath, component);
    check("a component", name, component, COMPONENT, ["modules"]);
    checkModules(`${name}.`, component.modules);
  }
  for (const [service, access] of Object.entries(services)) {
    const name = `services[${JSON.stringify(service)}]`;
    check("a service", name, access, SERVICE, ["url", "token"]);
  }
}

function checkModules(prefix: string, modules: object): void {
  for (const [path, module] of Object.entries(modules)) {
    // A function of Convex is no loader: the module itself was given in place of modules by path.
    const isModule = isFunction(module)
      ? functionTypeOf(module as Registered) === undefined
      : typeof module === "object" && !(module instanceof Promise);
    const bound = "a module's exports, or a function that loads them";
    const name = `${prefix}modules[${JSON.stringify(path)}]`;
    mustBe(name, bound, isModule, module);
  }
}

/** Checks the options of one call, or of a watch. Throws `INVALID_ARGUMENT`. */
export function checkCallOptions(
  kind: "query" | "mutation" | "action" | "watch",
  options: object,
): void {
  check(kind, "", options, kind === "watch" ? WATCH : CLIENT_CALL);
}

/**
 * Wraps the methods that servers call with checks of their arguments. Without them, the engine would fail with a less
 * clear error, or store wrong values.
 */
export function checkedEngine(engine: Engine): Engine {
  return {
    ...engine,
    async run(type, name, args, settings = {}) {
      mustBe("settings", "an object", isObject(settings), settings);
      return await engine.run(type, name, args, settings);
    },
    async fetch(request, settings) {
      mustBe(
        "request",
        "a Request",
        hasMethods(request, "arrayBuffer"),
        request,
      );
      return await engine.fetch(request, settings);
    },
    async importData(data) {
      const bound = "{ cleared, files, tables }, each of them an array";
      const { cleared, files, tables } = Object(data);
      const isData = [cleared, files, tables].every(Array.isArray);
      mustBe("data", bound, isData, data);
      return await engine.importData(data);
    },
    observe(observer) {
      mustBe("observer", "a function", isFunction(observer), observer);
      return engine.observe(observer);
    },
    follow(follower) {
      const bound = "{ onState, onError, onEnd }";
      const isFollower = hasMethods(follower, "onState", "onError", "onEnd");
      mustBe("follower", bound, isFollower, follower);
      return engine.follow(follower);
    },
    tables(component = "") {
      mustBe("component", "a path", isString(component), component);
      return engine.tables(component);
    },
    tableSize(table, component = "") {
      mustBe("table", "a string", isString(table), table);
      mustBe("component", "a path", isString(component), component);
      return engine.tableSize(table, component);
    },
    schema(component = "") {
      mustBe("component", "a path", isString(component), component);
      return engine.schema(component);
    },
    holdTimestamp(ts) {
      const isTs = ts === undefined || typeof ts === "bigint";
      mustBe("ts", "a bigint that holdTimestamp gave", isTs, ts);
      return engine.holdTimestamp(ts);
    },
  };
}

/** Throws for the first wrong member of `value`. Messages call it `name`, or options if that is empty. */
function check(
  owner: string,
  name: string,
  value: object,
  rules: Rules,
  needed: readonly string[] = [],
): void {
  const whole = name || `options of ${owner}`;
  mustBe(whole, "an object", isObject(value), value);
  mustHaveNames(owner, value, rules);
  const prefix = name && `${name}.`;
  for (const [member, rule] of Object.entries(rules)) {
    const given = (value as Record<string, unknown>)[member];
    if (!rule || given === undefined && !needed.includes(member)) continue;
    const [bound, test] = rule;
    mustBe(prefix + member, bound, test(given), given);
  }
}
