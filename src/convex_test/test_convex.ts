import type { EngineCore } from "../engine/engine_core.ts";
import { refuseCommitTs } from "../engine/calls/call_values.ts";
import { functionAddress } from "../engine/calls/function_address.ts";
import { answerRequest } from "../engine/calls/http_actions.ts";
import { newCaller, type RequestFacts } from "../engine/calls/caller.ts";
import type { UserIdentity } from "../engine/calls/identity.ts";
import type { Environment } from "../engine/run/own_environment.ts";
import { EngineError, isConvexError } from "../errors.ts";
import { copyValue } from "../values/copy.ts";
import type { Value } from "../values/types.ts";
import {
  ensureSigningKey,
  type PublicJwk,
  publicKeys,
} from "../engine/context/sign_jwt.ts";
import { componentReferences } from "./component_references.ts";
import { finishAll } from "./finish_all.ts";
import { testIdentity, testToken } from "./identity.ts";

/** Where requests of a test seem to go. */
const SITE = "https://some.convex.site";
const DEFAULT_ITERATIONS = 100;

type Kind = "query" | "mutation" | "action";
/** Where a function is, in the words of `convex-test`. */
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

/** What `convexTest` returns: calls functions of an engine on somebody's behalf, once it is ready. */
export function testConvex(
  core: EngineCore,
  ready: () => Promise<void> | undefined,
  componentEnv: { [path: string]: Environment } = {},
  from: Sender = { identity: null, sender: {} },
) {
  const { wording } = core.calls.deployment;
  const outward = (error: unknown) => {
    const checked = withValidData(error);
    return wording?.(checked) ?? checked;
  };
  // Only mutations write timestamps, and none of them waits for a timer that a test advances.
  const loaded = (kind: Kind) => kind === "mutation" ? ready() : undefined;
  const call = (kind: Kind) => async (called: unknown, args: unknown = {}) => {
    try {
      const loading = loaded(kind);
      if (loading) await loading;
      if (typeof called === "function" && !isReference(called)) {
        const body = (ctx: unknown) => called(ctx, args);
        return await inline(core, kind, from, "inline", body);
      }
      const own = { ...functionAddress(called, ""), mustBePublic: false };
      return (await core.run(kind, own, args, from)).value;
    } catch (error) {
      throw outward(error);
    }
  };
  const callAt =
    (kind: Kind | "any") =>
    async ({ componentPath, udfPath }: FunctionPath, args: unknown = {}) => {
      try {
        await ready();
        const own = {
          component: componentPath,
          name: udfPath,
          mustBePublic: false,
        };
        return (await core.run(kind, own, args, from)).value;
      } catch (error) {
        throw outward(error);
      }
    };
  const runIn = async (path: string, body: InlineBody): Promise<Value> => {
    try {
      const loading = loaded("mutation");
      if (loading) await loading;
      return await inline(core, "mutation", from, "custom", body, path);
    } catch (error) {
      throw outward(error);
    }
  };
  const calls = {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
  };
  return {
    ...calls,
    // Beside what its types have, convex-test's `t` can be the ctx of a component's client, and looks into components.
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
    async fetch(path: string, init?: RequestInit): Promise<Response> {
      try {
        if (!path.startsWith("/")) {
          throw new EngineError(
            "INVALID_ARGUMENT",
            "Path given to `t.fetch` must start with a `/`",
          );
        }
        const request = new Request(SITE + path, init);
        return await answerRequest(core.calls, request, frameOf(from));
      } catch (error) {
        throw outward(error);
      }
    },
    finishInProgressScheduledFunctions: () => core.scheduler!.idle(),
    finishAllScheduledFunctions: (
      advanceTimers: () => void,
      maxIterations: number = DEFAULT_ITERATIONS,
    ) => finishAll(core.scheduler!, advanceTimers, maxIterations),
    withIdentity(claims: { [claim: string]: unknown }) {
      const identity = testIdentity(claims);
      const sender = { ...from.sender, authToken: testToken(identity) };
      return testConvex(core, ready, componentEnv, { identity, sender });
    },
    withRequestMetadata: (
      { ip = null, userAgent = null }: Partial<RequestFacts>,
    ) =>
      testConvex(core, ready, componentEnv, {
        ...from,
        sender: { ...from.sender, ip, userAgent },
      }),
    registerComponent(
      path: string,
      schema: object,
      modules: { [path: string]: () => Promise<unknown> },
    ): object {
      const env = Object.hasOwn(componentEnv, path)
        ? componentEnv[path]
        : undefined;
      core.addComponent(path, { schema, modules, ...(env && { env }) });
      return componentReferences(path);
    },
    async jwks(): Promise<{ keys: PublicJwk[] }> {
      const { keys } = publicKeys(core.store);
      if (keys.length > 0) return { keys };
      const { app } = core.components;
      await core.inTransaction(app, true, ensureSigningKey);
      return publicKeys(core.store);
    },
    close: () => core.close(),
  };
}

function frameOf({ identity, sender }: Sender) {
  return { caller: newCaller({ ...sender, identity }), depth: 0 };
}

/** Runs a function that is given inline: a query or mutation as a transaction. */
async function inline(
  core: EngineCore,
  kind: Kind,
  from: Sender,
  name: "inline" | "custom",
  body: InlineBody,
  path = "",
): Promise<Value> {
  const component = core.components.get(path);
  const result = kind === "action"
    ? await core.calls.runner.inline(
      { kind, name, component, transaction: undefined },
      frameOf(from),
      body,
    )
    : await core.inTransaction(
      component,
      kind === "mutation",
      (transaction) =>
        core.calls.runner.inline(
          {
            kind,
            name,
            component,
            transaction,
            // What a test stores is none of the app's.
            hasFreeFiles: name === "custom",
          },
          frameOf(from),
          body,
        ),
      // What a test does takes time, as fake clocks show; only in the functions that it calls time stands still.
      core.calls.deployment.compat === "convex" ? core.now : undefined,
    );
  if (kind === "query") refuseCommitTs(name, result);
  const { limits } = component.database.catalog;
  return copyValue(result ?? null, `return value of an inline ${kind}`, limits);
}

/** The error, or what is wrong with its data when Convex could not hand them on. */
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
