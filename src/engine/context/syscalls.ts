import { shown } from "../../at_once.ts";
import { EngineError } from "../../errors.ts";
import { decodeBase64, encodeBase64 } from "../../values/base64.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { pendingToValue } from "../rows/commit_ts.ts";
import type { PaginationOptions } from "../plan/page_rules.ts";
import type { Run } from "../run/run.ts";
import { auditLog } from "./audit_log.ts";
import type { ContextHost, ServiceAccess } from "./context_host.ts";
import {
  type DatabaseContext,
  openQuery,
  patchFromJson,
  SyscallQueries,
  vectorFilter,
} from "./syscall_queries.ts";
import { rewordErrors } from "./reword_errors.ts";

/** The parts of any function's `ctx` that system calls use. */
interface AnyContext {
  db: DatabaseContext;
  auth: {
    getUserIdentity(): Promise<unknown>;
    signJwt?(options: unknown): Promise<string>;
  };
  scheduler: {
    runAt(time: number, reference: unknown, args: unknown): Promise<string>;
    cancel(id: unknown): Promise<void>;
  };
  storage: { [method: string]: (...args: unknown[]) => Promise<unknown> };
  meta: { [method: string]: () => unknown };
  vectorSearch(table: string, index: string, query: object): Promise<unknown>;
}

type Json = { [name: string]: JsonValue };

/** Answers a system call that is part of a run. */
export type Operation = (run: Run, args: Json) => unknown;

/** System calls by their names. */
export interface Operations {
  [op: string]: Operation;
}

/** Every system call, answered by the `ctx` of the function that makes it. */
export function systemCalls(host: ContextHost): Operations {
  return {
    ...databaseCalls(new SyscallQueries()),
    ...functionCalls(host),
    ...storageCalls(),
    ...otherCalls(host),
  };
}

function databaseCalls(queries: SyscallQueries): Operations {
  const idAndTable = ({ id, table }: Json) =>
    typeof table === "string" ? [table, id] : [id];
  return {
    "1.0/queryStream": (run, { query }) =>
      queries.open(run, openQuery(databaseOf(run), query as Json)),
    "1.0/queryCleanup": (_run, { queryId }) => queries.close(Number(queryId)),
    "1.0/queryStreamNext": (_run, { queryId }) => queries.next(Number(queryId)),
    "1.0/queryPage": (run, { query, pageSize, ...options }) =>
      openQuery(databaseOf(run), query as Json).paginate(
        {
          numItems: pageSize,
          cursor: options.cursor,
          endCursor: options.endCursor,
          maximumRowsRead: options.maximumRowsRead ?? undefined,
          maximumBytesRead: options.maximumBytesRead ?? undefined,
        } as unknown as PaginationOptions,
      ),
    "1.0/db/normalizeId": (run, { table, idString }) => ({
      id:
        (String(table).startsWith("_")
          ? databaseOf(run).system
          : databaseOf(run))
          .normalizeId(String(table), String(idString)),
    }),
    "1.0/get": (run, args) =>
      (args.isSystem ? databaseOf(run).system : databaseOf(run)).get(
        ...idAndTable(args),
      ),
    "1.0/insert": async (run, { table, value }) => ({
      _id: await databaseOf(run).insert(table, valueOf(run, value)),
    }),
    "1.0/shallowMerge": async (run, args) => {
      const place = idAndTable(args);
      const change = patchFromJson(args.value as Json, commitTsOf(run));
      await databaseOf(run).patch(...place, change);
      return await databaseOf(run).get(...place);
    },
    "1.0/replace": async (run, args) => {
      const place = idAndTable(args);
      await databaseOf(run).replace(...place, valueOf(run, args.value));
      return await databaseOf(run).get(...place);
    },
    "1.0/remove": async (run, args) => {
      const place = idAndTable(args);
      const removed = await databaseOf(run).get(...place);
      await databaseOf(run).delete(...place);
      return removed;
    },
    "1.0/count": (run, { table }) =>
      databaseOf(run).query(String(table)).count(),
  };
}

/** Calls of functions, now or scheduled; handles; and vector searches, which only actions can make. */
function functionCalls(host: ContextHost): Operations {
  const call =
    (type: "query" | "mutation" | "action"): Operation => (run, args) =>
      host.called(run, type, referenceOf(args), valueOf(run, args.args), {
        transactionLimits: args.transactionLimits as
          | { [name: string]: number }
          | undefined,
        useStaleSnapshot: args.udfType === "snapshotQuery",
      });
  const schedule: Operation = (run, args) =>
    contextOf(run).scheduler.runAt(
      Number(args.ts) * 1000,
      referenceOf(args),
      valueOf(run, args.args),
    );
  const cancel: Operation = (run, { id }) =>
    contextOf(run).scheduler.cancel(id);
  const { createFunctionHandle } = rewordErrors(host.deployment, {
    createFunctionHandle: (run: Run, reference: unknown) =>
      host.handle(run, reference),
  });
  return {
    "1.0/runUdf": (run, args) =>
      call(args.udfType === "mutation" ? "mutation" : "query")(run, args),
    "1.0/actions/query": call("query"),
    "1.0/actions/mutation": call("mutation"),
    "1.0/actions/action": call("action"),
    "1.0/createFunctionHandle": (run, args) =>
      createFunctionHandle(run, referenceOf(args)),
    "1.0/schedule": schedule,
    "1.0/actions/schedule": schedule,
    "1.0/cancel_job": cancel,
    "1.0/actions/cancel_job": cancel,
    "1.0/actions/vectorSearch": async (run, { query }) => {
      const { indexName, vector, limit, expressions } = query as Json;
      const [table, index] = String(indexName).split(".");
      return {
        results: await contextOf(run).vectorSearch(table!, index!, {
          vector,
          limit: limit ?? undefined,
          filter: expressions ? vectorFilter(expressions as Json) : undefined,
        }),
      };
    },
  };
}

function storageCalls(): Operations {
  const storage = (method: string): Operation => (run, { storageId }) =>
    contextOf(run).storage[method]!(storageId);
  return {
    "1.0/storageGetUrl": storage("getUrl"),
    "1.0/storageGetMetadata": storage("getMetadata"),
    "1.0/storageDelete": storage("delete"),
    "1.0/storageGenerateUploadUrl": storage("generateUploadUrl"),
    "1.0/storageStore": (run, { blob, contentType, sha256 }) => {
      const type = String(contentType ?? "");
      const bytes = decodeBase64(String(blob))!;
      return contextOf(run).storage.store!(new Blob([bytes], { type }), {
        sha256,
      });
    },
    "1.0/storageGet": async (run, { storageId }) => {
      const blob = await contextOf(run).storage.get!(storageId) as Blob | null;
      if (!blob) return null;
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return { blob: encodeBase64(bytes), contentType: blob.type || null };
    },
    "storage/storeBlob": (run, { blob, options }) =>
      contextOf(run).storage.store!(blob, options),
    "storage/getBlob": storage("get"),
  };
}

/** Facts about the caller, the request and the deployment. */
function otherCalls(host: ContextHost): Operations {
  const meta = (method: string): Operation => (run) => {
    const read = contextOf(run).meta[method];
    if (!read) throw new Error(`Unknown async operation: ${method}`);
    return read();
  };
  return {
    "1.0/getUserIdentity": (run) => contextOf(run).auth.getUserIdentity(),
    "1.0/auditLog": (run, { body }) => auditLog(run, host, body ?? null),
    "1.0/signJwt": (run, { claims, expiresInSeconds }) => {
      const { signJwt } = contextOf(run).auth;
      if (!signJwt) throw new Error("Unknown async operation: signJwt");
      return signJwt({ claims, expiresInSeconds });
    },
    "1.0/getFunctionMetadata": meta("getFunctionMetadata"),
    "1.0/getDeploymentMetadata": meta("getDeploymentMetadata"),
    "1.0/getRequestMetadata": meta("getRequestMetadata"),
    "1.0/getTransactionMetrics": meta("getTransactionMetrics"),
    "1.0/getSnapshotTs": meta("getSnapshotTs"),
    "1.0/getServiceUrl": (run, { service }) =>
      serviceOf(host, run, service, "getServiceUrl").url,
    "1.0/createServiceToken": (run, { service }) => {
      const { token } = serviceOf(host, run, service, "getServiceToken");
      return typeof token === "function" ? token() : token;
    },
    "1.0/componentArgument": () => ({}),
    "1.0/requireOperation": () => null,
  };
}

function contextOf(run: Run): AnyContext {
  run.parts.transaction?.assertOpen();
  return run.context as AnyContext;
}

function databaseOf(run: Run): DatabaseContext {
  const { db } = contextOf(run);
  // `convex` recognises by this text that there is no transaction.
  if (!db) throw new Error("Unknown async operation: no transaction");
  return db;
}

/** The address of a service that an action asks for. Throws for one that is unknown. */
function serviceOf(
  { deployment: { services = {} } }: ContextHost,
  { isTransactional }: Run,
  name: JsonValue | undefined,
  method: string,
): ServiceAccess {
  if (isTransactional) {
    throw new Error(
      `Unknown async operation: ${method}() can only be called in an action`,
    );
  }
  const service = String(name);
  if (Object.hasOwn(services, service)) return services[service]!;
  throw new EngineError(
    "UNSUPPORTED",
    `${method}: there is no service ${
      shown(service)
    } here. Give the engine its url and token, as \`services\``,
  );
}

function valueOf(run: Run, json: JsonValue | undefined): Value {
  return pendingToValue(json ?? null, commitTsOf(run));
}

/** The placeholder for the timestamp of the commit. */
function commitTsOf({ parts: { component } }: Run): object {
  return component.database.commitTs;
}

/** The function that an address of a system call names. */
function referenceOf({ name, functionHandle, reference }: Json): unknown {
  return typeof reference === "string"
    ? { [Symbol.for("toReferencePath")]: reference }
    : functionHandle ?? name;
}
