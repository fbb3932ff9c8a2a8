import {
  canonicalName,
  type Registered,
} from "../../src/engine/functions/functions.ts";

/** The exports of a module. */
export type Exports = { [exportName: string]: unknown };

type Modules = { [path: string]: Exports };

/** The part of `cronJobs()` that is checked. */
interface CronJobs {
  isCrons?: boolean;
  crons: { [identifier: string]: { name: string } };
}

/**
 * Throws for modules that Convex refuses when they are pushed: a cron job whose function is missing or a query, and an
 * `http` or `crons` with a wrong default export.
 */
export function checkFunctions(modules: Modules): void {
  const router = modules.http?.default as { isRouter?: boolean } | undefined;
  if (router && !router.isRouter) {
    throw new Error("the default export of http.js is no httpRouter()");
  }
  const jobs = modules.crons?.default as CronJobs | undefined;
  if (!jobs) return;
  if (!jobs.isCrons) {
    throw new Error("the default export of crons.js is no cronJobs()");
  }
  for (const [identifier, { name }] of Object.entries(jobs.crons)) {
    // A function handle may refer to another component.
    if (!name.includes("://")) checkCron(modules, identifier, name);
  }
}

function checkCron(modules: Modules, identifier: string, name: string): void {
  const [path, exported] = canonicalName(name).split(":") as [string, string];
  const kind = kindOf(modules[path]?.[exported]);
  const shown = `${path}.js:${exported}`;
  if (kind === undefined) {
    throw new Error(
      `The cron job '${identifier}' schedules a function that does not exist: ${shown}`,
    );
  }
  if (kind === "Query") {
    throw new Error(
      `The cron job '${identifier}' schedules a query function, only actions and mutations can be scheduled: ${shown}`,
    );
  }
}

/**
 * Marks the actions of a module with "use node" as those of Node. Throws if it has queries or mutations. `path` has no
 * extension.
 */
export function checkNodeModule(path: string, exports: Exports): void {
  for (const [name, exported] of Object.entries(exports)) {
    const kind = kindOf(exported);
    if (kind === "Action") (exported as Registered).isNode = true;
    if (kind !== "Query" && kind !== "Mutation") continue;
    throw new Error(
      `\`${name}\` defined in \`${path}.js\` is a ${kind} function. Only actions can be defined in Node.js. See https://docs.convex.dev/functions/actions for more details.`,
    );
  }
}

/** The kind of an exported function; undefined for anything else. */
export function kindOf(
  exported: unknown,
): "Query" | "Mutation" | "Action" | undefined {
  const registered = exported as Registered | null | undefined;
  return registered?.isQuery
    ? "Query"
    : registered?.isMutation
    ? "Mutation"
    : registered?.isAction
    ? "Action"
    : undefined;
}
