import {
  canonicalName,
  type Registered,
} from "../../src/engine/functions/functions.ts";
/** What a module exports. */
export type Exports = { [exportName: string]: unknown };

type Modules = { [path: string]: Exports };

/** What of `cronJobs()` is looked at. */
interface CronJobs {
  isCrons?: boolean;
  crons: { [identifier: string]: { name: string } };
}

/**
 * Throws for what Convex refuses when the modules of an app or of a component are pushed, and what would else fail
 * later: a cron job of a function that is not there or is a query, and an `http` or `crons` whose default export is of
 * another kind.
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
    // A handle names a function that may be another component's.
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
 * Throws for a module with "use node" that has queries or mutations, and marks its actions as those of Node. `path`:
 * without its extension.
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

/** The kind of function that something exported is; undefined: it is none that is called by its name. */
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
