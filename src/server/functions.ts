import type { CallSettings, FileGate } from "../engine/engine.ts";
import { EngineError } from "../errors.ts";
import type { Value } from "../values/types.ts";
import type { FetchAction } from "./http_actions_api.ts";
import type { FunctionOutcome } from "./http_call.ts";

/** Kinds of function; `any`: whichever it is. */
export type CallKind = "query" | "mutation" | "action" | "any";

/** What the HTTP API needs of what it serves. */
export interface Functions {
  /** Runs a function. */
  run(
    kind: CallKind,
    name: string,
    args: { [name: string]: Value },
    settings: CallSettings,
  ): Promise<FunctionOutcome>;
  /** A timestamp to run queries at; it holds for 30 s. */
  holdTimestamp(): bigint;
  /** Stored files, where there are any. */
  readonly files?: FileGate;
  /** Public keys for tokens of its functions, where there are any. */
  jwks?(): { keys: object[] };
  /** Answers requests by HTTP actions, where there are any. */
  readonly fetch?: FetchAction;
}

type Call = (
  name: string,
  args: { [name: string]: Value },
  options?: { signal?: AbortSignal },
) => unknown;

/** What has functions and no more, such as a client. */
export interface EngineLike {
  /** Runs a query. */
  query: Call;
  /** Runs a mutation. */
  mutation: Call;
  /** Runs an action. */
  action: Call;
}

/** Serves what has functions only: it knows neither callers nor timestamps. */
export function functionsOf(engine: EngineLike): Functions {
  return {
    async run(kind, name, args, { signal, ts }) {
      if (kind === "any" || ts !== undefined) throw unsupported();
      const value = await engine[kind](name, args, { signal });
      return { value, logLines: [] };
    },
    holdTimestamp: () => {
      throw unsupported();
    },
  };
}

function unsupported(): EngineError {
  return new EngineError(
    "UNSUPPORTED",
    "what is served here runs queries, mutations and actions, each by its kind, on the latest data",
  );
}
