import type { RequestFacts } from "../engine/run/caller.ts";
import type { Environment } from "../engine/components/component_environment.ts";
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
import {
  type Backend,
  type FunctionPath,
  type InlineBody,
  type Kind,
  type Sender,
  TestCalls,
} from "./test_calls.ts";

const DEFAULT_ITERATIONS = 100;

/** Creates the object that `convexTest` returns: calls functions of an engine on behalf of a sender. */
export function testConvex(
  backend: Backend,
  componentEnv: { [path: string]: Environment } = {},
  from: Sender = { identity: null, sender: {} },
) {
  const { core } = backend;
  const own = new TestCalls(backend, from);
  const call = (kind: Kind) => (called: unknown, args: unknown = {}) =>
    own.call(kind, called, args);
  const callAt =
    (kind: Kind | "any") => (path: FunctionPath, args: unknown = {}) =>
      own.callAt(kind, path, args);
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
    runInComponent: (path: string, body: InlineBody): Promise<Value> =>
      own.runIn(path, body),
    run: (body: InlineBody): Promise<Value> => own.runIn("", body),
    fetch: (path: string, init?: RequestInit): Promise<Response> =>
      own.fetch(path, init),
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
