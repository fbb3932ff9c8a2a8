import type { EngineCore } from "../engine/engine_core.ts";
import { refuseCommitTs } from "../engine/functions/call_values.ts";
import {
  type FunctionAddress,
  functionAddress,
} from "../engine/functions/function_address.ts";
import { answerRequest } from "../engine/calls/http_actions.ts";
import { newCaller, type RequestFacts } from "../engine/run/caller.ts";
import type { UserIdentity } from "../engine/functions/identity.ts";
import type { Transaction } from "../engine/transaction/transaction.ts";
import { EngineError, isConvexError } from "../errors.ts";
import { copyValue } from "../values/copy.ts";
import type { Value } from "../values/types.ts";
import { callStack, withCallStack } from "./call_stack.ts";
import { mustBeFunction } from "./checks.ts";
import type { TestBehaviour } from "./test_behaviour.ts";

/** Origin of the URLs of a test's requests. */
const SITE = "https://some.convex.site";

export type Kind = "query" | "mutation" | "action";
/** Address of a function, in the form of `convex-test`. */
export interface FunctionPath {
  componentPath: string;
  udfPath: string;
}
export type InlineBody = (ctx: unknown) => unknown;

/** On whose behalf a test calls. */
export interface Sender {
  identity: UserIdentity | null;
  sender: Partial<RequestFacts>;
}

/** A backend under test. */
export interface Backend {
  core: EngineCore;
  behaviour: TestBehaviour;
  /** Resolves when the commit-timestamp placeholder is available; undefined if it is. */
  ready: () => Promise<void> | undefined;
  /** Closes the engine and restores globals. */
  close: () => Promise<void>;
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

/** Calls functions on behalf of a sender. Errors are worded as the behaviour says. */
export class TestCalls {
  readonly #backend: Backend;
  readonly #from: Sender;

  constructor(backend: Backend, from: Sender) {
    this.#backend = backend;
    this.#from = from;
  }

  /** Calls a function by reference or inline. */
  call(kind: Kind, called: unknown, args: unknown): Promise<Value> {
    return this.#answer(async () => {
      if (typeof called === "function" && !isReference(called)) {
        const body = (ctx: unknown) => called(ctx, args);
        return await this.#inline({ kind, name: "inline", path: "", body });
      }
      const { core, behaviour } = this.#backend;
      const address = functionAddress(called, "");
      if (behaviour.beforeCall) {
        await behaviour.beforeCall(
          kind,
          () => core.calls.targets.reload(address),
        );
      }
      return await this.#run(kind, { ...address, mustBePublic: false }, args);
    });
  }

  /** Calls a function by its path. */
  callAt(
    kind: Kind | "any",
    { componentPath, udfPath }: FunctionPath,
    args: unknown,
  ): Promise<Value> {
    return this.#answer(async () => {
      const address = {
        component: componentPath,
        name: udfPath,
        mustBePublic: false,
      };
      return await this.#run(kind, address, args);
    });
  }

  /** Runs code on the data of a component. */
  runIn(path: string, body: InlineBody): Promise<Value> {
    return this.#answer(async () => {
      mustBeFunction("the body of run", body);
      const kind = "mutation";
      return await this.#inline({ kind, name: "custom", path, body });
    });
  }

  /** Makes a request that an HTTP action answers. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#answer(async () => {
      if (typeof path !== "string" || !path.startsWith("/")) {
        throw new EngineError(
          "INVALID_ARGUMENT",
          "Path given to `t.fetch` must start with a `/`",
        );
      }
      const request = new Request(SITE + path, init);
      const { calls } = this.#backend.core;
      return await answerRequest(calls, request, frameOf(this.#from));
    });
  }

  /** Makes any call once the placeholder is there: those that start together keep their order. Rewords errors. */
  async #answer<T>(run: () => Promise<T>): Promise<T> {
    const call = callStack();
    try {
      const loading = this.#backend.ready();
      if (loading) await loading;
      return await run();
    } catch (error) {
      const { reword } = this.#backend.behaviour;
      throw withCallStack(reword(withValidData(error)), call);
    }
  }

  async #run(
    kind: Kind | "any",
    address: FunctionAddress,
    args: unknown,
  ): Promise<Value> {
    const { core } = this.#backend;
    return (await core.run(kind, address, args, this.#from)).value;
  }

  /** Runs an inline function: a query or mutation as a transaction. */
  async #inline({ kind, name, path, body }: InlineCall): Promise<Value> {
    const { core } = this.#backend;
    const component = core.components.get(path);
    const { runner } = core.calls;
    const { limits } = component.database.catalog;
    const hasFreeFiles = name === "custom";
    const run = async (transaction: Transaction | undefined) => {
      const result = await runner.inline(
        { kind, name, component, transaction, hasFreeFiles },
        frameOf(this.#from),
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
}

function frameOf({ identity, sender }: Sender) {
  return { caller: newCaller({ ...sender, identity }), depth: 0 };
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
