import type { EngineCore } from "../engine/engine_core.ts";
import { refuseCommitTs } from "../engine/functions/call_values.ts";
import {
  type FunctionAddress,
  functionAddress,
} from "../engine/functions/function_address.ts";
import { answerRequest } from "../engine/calls/http_actions.ts";
import { newCaller, type RequestFacts } from "../engine/run/caller.ts";
import type { UserIdentity } from "../engine/functions/identity.ts";
import type { Environment } from "../engine/components/component_environment.ts";
import type { Transaction } from "../engine/transaction/transaction.ts";
import { EngineError, isConvexError } from "../errors.ts";
import { copyValue } from "../values/copy.ts";
import type { Value } from "../values/types.ts";
import {
  ensureSigningKey,
  type PublicJwk,
  publicKeys,
} from "../engine/context/sign_jwt.ts";
import { mustBe, mustHaveNames } from "../engine/must_be.ts";
import { mustBeFunction, mustBeObject } from "./checks.ts";
import { componentReferences } from "./component_references.ts";
import { finishAll } from "./finish_all.ts";
import { testIdentity, testToken } from "./identity.ts";
import type { TestBehaviour } from "./test_behaviour.ts";

/** Origin of the URLs of a test's requests. */
const SITE = "https://some.convex.site";
const DEFAULT_ITERATIONS = 100;

type Kind = "query" | "mutation" | "action";
/** Address of a function, in the form of `convex-test`. */
interface FunctionPath {
  componentPath: string;
  udfPath: string;
}
type InlineBody = (ctx: unknown) => unknown;

/** On whose behalf a test calls. */
interface Sender {
  identity: UserIdentity | null;
  sender: Partial<RequestFacts>;
}

/** A backend under test. */
interface Backend {
  core: EngineCore;
  behaviour: TestBehaviour;
  /** Resolves when the commit-timestamp placeholder is available; undefined if it is. */
  ready: () => Promise<void> | undefined;
  /** Closes the engine and restores globals. */
  close: () => Promise<void>;
}

/** Creates the object that `convexTest` returns: calls functions of an engine on behalf of a sender. */
export function testConvex(
  backend: Backend,
  componentEnv: { [path: string]: Environment } = {},
  from: Sender = { identity: null, sender: {} },
) {
  const { core } = backend;
  const { call, callAt, runIn, fetch } = callsOf(backend, from);
  const as = (sender: Sender) => testConvex(backend, componentEnv, sender);
  const calls = {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
  };
  return {
    ...calls,
    // Untyped members of convex-test's `t`, by which it can serve as the `ctx` of a component's client, and see into
    // components.
    runQuery: calls.query,
    runMutation: calls.mutation,
    runAction: calls.action,
    queryFromPath: callAt("query"),
    snapshotQueryFromPath: callAt("query"),
    mutationFromPath: callAt("mutation"),
    actionFromPath: callAt("action"),
    fun: callAt("any"),
    runInComponent: runIn,
    run: (body: InlineBody): Promise<Value> => runIn("", body),
    fetch,
    finishInProgressScheduledFunctions: () => core.scheduler!.idle(),
    finishAllScheduledFunctions: async (
      advanceTimers: () => void,
      maxIterations: number = DEFAULT_ITERATIONS,
    ) => {
      mustBeFunction("advanceTimers", advanceTimers);
      const isMost = typeof maxIterations === "number" && maxIterations >= 1;
      mustBe("maxIterations", "a number from 1 on", isMost, maxIterations);
      await finishAll(core.scheduler!, advanceTimers, maxIterations);
    },
    withIdentity(claims: { [claim: string]: unknown }) {
      mustBeObject("claims", "an object of claims by name", claims);
      const identity = testIdentity(claims);
      const sender = { ...from.sender, authToken: testToken(identity) };
      return as({ identity, sender });
    },
    withRequestMetadata(metadata: Partial<RequestFacts>) {
      mustBeObject("metadata", "an object, { ip, userAgent }", metadata);
      mustHaveNames("metadata", metadata, { ip: 1, userAgent: 1 });
      const { ip = null, userAgent = null } = metadata;
      return as({ ...from, sender: { ...from.sender, ip, userAgent } });
    },
    registerComponent(
      path: string,
      schema: object,
      modules: { [path: string]: () => Promise<unknown> },
    ): object {
      mustBe("path", "a text", typeof path === "string" && path !== "", path);
      mustBeObject("modules", "what import.meta.glob gives", modules);
      const env = Object.hasOwn(componentEnv, path)
        ? componentEnv[path]
        : undefined;
      core.addComponent(path, { schema, modules, ...(env && { env }) });
      return componentReferences(path);
    },
    async jwks(): Promise<{ keys: PublicJwk[] }> {
      const { keys } = publicKeys(core.store);
      if (keys.length > 0) return { keys };
      const component = core.components.app;
      await core.inTransaction({ component, writable: true }, ensureSigningKey);
      return publicKeys(core.store);
    },
    close: backend.close,
  };
}

/** The ways in which a test calls functions. Errors have the behaviour's wording. */
function callsOf(backend: Backend, from: Sender) {
  const { core, behaviour, ready } = backend;
  const worded = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw behaviour.wording(withValidData(error));
    }
  };
  // Only mutations need the placeholder. The wait uses real timers, so that a fake clock cannot block it.
  const loading = (kind: Kind | "any") =>
    kind === "mutation" || kind === "any" ? ready() : undefined;
  const run = async (
    kind: Kind | "any",
    address: FunctionAddress,
    args: unknown,
  ) => (await core.run(kind, address, args, from)).value;
  return {
    /** Calls a function by reference or inline. */
    call: (kind: Kind) => (called: unknown, args: unknown = {}) =>
      worded(async () => {
        const wait = loading(kind);
        if (wait) await wait;
        if (typeof called === "function" && !isReference(called)) {
          const body = (ctx: unknown) => called(ctx, args);
          const own = { kind, name: "inline", path: "", body } as const;
          return await inline(backend, from, own);
        }
        const address = functionAddress(called, "");
        if (behaviour.beforeCall) {
          await behaviour.beforeCall(kind, () => core.calls.reload(address));
        }
        return await run(kind, { ...address, mustBePublic: false }, args);
      }),
    /** Calls a function by its path. */
    callAt:
      (kind: Kind | "any") =>
      ({ componentPath, udfPath }: FunctionPath, args: unknown = {}) =>
        worded(async () => {
          const wait = loading(kind);
          if (wait) await wait;
          const address = {
            component: componentPath,
            name: udfPath,
            mustBePublic: false,
          };
          return await run(kind, address, args);
        }),
    /** Runs code on the data of a component. */
    runIn: (path: string, body: InlineBody): Promise<Value> =>
      worded(async () => {
        mustBeFunction("the body of run", body);
        const wait = loading("mutation");
        if (wait) await wait;
        const own = { kind: "mutation", name: "custom", path, body } as const;
        return await inline(backend, from, own);
      }),
    /** Makes a request that an HTTP action answers. */
    fetch: (path: string, init?: RequestInit): Promise<Response> =>
      worded(async () => {
        if (typeof path !== "string" || !path.startsWith("/")) {
          throw new EngineError(
            "INVALID_ARGUMENT",
            "Path given to `t.fetch` must start with a `/`",
          );
        }
        const request = new Request(SITE + path, init);
        return await answerRequest(core.calls, request, frameOf(from));
      }),
  };
}

function frameOf({ identity, sender }: Sender) {
  return { caller: newCaller({ ...sender, identity }), depth: 0 };
}

/** A function that a test gives inline. */
interface InlineCall {
  kind: Kind;
  /** Custom: code of `t.run`, whose files count against no limit. */
  name: "inline" | "custom";
  /** Path of the component whose data it works on. */
  path: string;
  body: InlineBody;
}

/** Runs an inline function: a query or mutation as a transaction. */
async function inline(
  { core }: Backend,
  from: Sender,
  { kind, name, path, body }: InlineCall,
): Promise<Value> {
  const component = core.components.get(path);
  const { runner } = core.calls;
  const { limits } = component.database.catalog;
  const hasFreeFiles = name === "custom";
  const run = async (transaction: Transaction | undefined) => {
    const result = await runner.inline(
      { kind, name, component, transaction, hasFreeFiles },
      frameOf(from),
      body,
    );
    if (kind === "query") refuseCommitTs(name, result);
    // Within the transaction, so that it is rolled back if the result is not a valid value.
    return copyValue(
      result ?? null,
      `return value of an inline ${kind}`,
      limits,
    );
  };
  if (kind === "action") return await run(undefined);
  const writable = kind === "mutation";
  return await core.inTransaction({ component, writable }, run);
}

/** The error, or, if its data are not a valid value, the error about that. */
function withValidData(error: unknown): unknown {
  if (!isConvexError(error)) return error;
  try {
    copyValue(error.data ?? null, "data of a ConvexError");
    return error;
  } catch (invalid) {
    return invalid;
  }
}

/** True for a function reference that is callable, as proxies of functions are. */
function isReference(called: object): boolean {
  return Symbol.for("functionName") in called ||
    Symbol.for("toReferencePath") in called;
}
