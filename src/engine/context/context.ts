import type { Value } from "../../values/types.ts";
import { asItIs } from "./as_it_is.ts";
import type { ContextHost, RunOptions } from "./context_host.ts";
import { databaseReader, databaseWriter } from "./database_context.ts";
import { metaOf } from "./meta_context.ts";
import type { Run } from "../run/run.ts";
import { schedulerOf } from "./scheduler_context.ts";
import { signJwt, type SignJwtOptions } from "./sign_jwt.ts";
import { storageReader, storageWriter } from "./storage_context.ts";
import { type VectorQuery, vectorSearch } from "../query/vector_search.ts";
import { rewordErrors } from "./reword_errors.ts";

/** Creates the `ctx` of a run. */
export function contextOf(run: Run, host: ContextHost): object {
  if (run.parts.transaction === undefined) return actionContext(run, host);
  return run.parts.kind === "query"
    ? queryContext(run, host)
    : mutationContext(run, host);
}

/** `ctx` of a query. */
function queryContext(run: Run, host: ContextHost): object {
  const runQuery = caller(run, host, "query");
  return {
    db: databaseReader(run.parts.transaction!),
    auth: authOf(run),
    storage: rewordErrors(
      host.deployment,
      storageReader(run, host),
      "storage.",
    ),
    meta: metaOf(run, host),
    runQuery: (reference: unknown, args?: unknown, options?: RunOptions) => {
      if (options?.useStaleSnapshot) {
        throw new Error(
          "`useStaleSnapshot` is only supported in mutations, not queries.",
        );
      }
      return runQuery(reference, args, options);
    },
  };
}

/** `ctx` of a mutation. */
function mutationContext(run: Run, host: ContextHost): object {
  return {
    db: databaseWriter(run.parts.transaction!),
    auth: {
      ...authOf(run),
      ...rewordErrors(
        host.deployment,
        { signJwt: signerOf(run, host) },
        "auth.",
      ),
    },
    storage: rewordErrors(
      host.deployment,
      storageWriter(run, host),
      "storage.",
    ),
    scheduler: rewordErrors(
      host.deployment,
      schedulerOf(run, host),
      "scheduler.",
    ),
    meta: metaOf(run, host),
    runQuery: caller(run, host, "query"),
    runMutation: caller(run, host, "mutation"),
  };
}

/** `ctx` of an action or an HTTP action. */
function actionContext(run: Run, host: ContextHost): object {
  const { component, signal, life } = run.parts;
  return {
    runQuery: caller(run, host, "query"),
    runMutation: caller(run, host, "mutation"),
    runAction: caller(run, host, "action"),
    auth: authOf(run),
    scheduler: rewordErrors(
      host.deployment,
      schedulerOf(run, host),
      "scheduler.",
    ),
    storage: rewordErrors(
      host.deployment,
      storageWriter(run, host),
      "storage.",
    ),
    ...rewordErrors(host.deployment, {
      vectorSearch: async (
        table: string,
        index: string,
        query: VectorQuery,
      ) => {
        life?.assertAlive();
        const given = asItIs(query) as VectorQuery;
        return await host.transaction(
          { component, writable: false, signal },
          ({ database }) => vectorSearch(database, table, index, given),
        );
      },
    }),
    meta: metaOf(run, host),
  };
}

function caller(
  run: Run,
  host: ContextHost,
  type: "query" | "mutation" | "action",
) {
  const { behaviour } = host.deployment;
  return async (
    reference: unknown,
    args?: unknown,
    options?: RunOptions,
  ): Promise<Value> => {
    try {
      return await host.called(run, type, reference, args, options);
    } catch (error) {
      throw behaviour.carried(error, run.parts.transaction !== undefined);
    }
  };
}

function signerOf(run: Run, { deployment: { url } }: ContextHost) {
  const { component: { path }, transaction } = run.parts;
  const issuer = path === "" ? url : `${url}/components/${path}`;
  return async (options: SignJwtOptions): Promise<string> => {
    transaction!.assertOpen();
    return await signJwt(transaction!, issuer, options);
  };
}

function authOf(run: Run) {
  return {
    getUserIdentity: () => {
      const { identity, refusal } = run.parts.caller;
      // Only actions report the refusal: queries and mutations that they call run without an identity.
      if (refusal !== null && !run.isTransactional) {
        return Promise.reject(new Error(refusal));
      }
      // A copy each time, as on Convex, so that a function's changes to it do not reach others.
      return Promise.resolve(structuredClone(identity));
    },
  };
}
