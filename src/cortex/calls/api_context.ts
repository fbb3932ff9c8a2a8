import type {
  CallOptions,
  ConvexClientLike,
  FunctionKind,
} from "../../client/types.ts";
import {
  ConvexError,
  cortexClosed,
  FunctionError,
  isConvexError,
} from "../../errors.ts";
import { keyedCost } from "./call_costs.ts";
import { decodeMetadata } from "../rules/free_form.ts";
import { CallOrder } from "./call_order.ts";
import { comeTo } from "./clock.ts";
import type { AuthContext, Embedder, Logger } from "../types/config.ts";
import type { CortexConfig } from "../types/cortex_config.ts";
import type { ExtractFactsFn } from "../types/facts.ts";

/** Options of `ApiContext`. */
export interface ApiContextOptions extends Pick<CortexConfig, "llm"> {
  /** Has no effect yet. Stand-alone modules are given their adapter here. */
  graph?: object | null | undefined;
  /** Has no effect yet. */
  resilience?: object | null | undefined;
  /** Makes the calls. */
  client: ConvexClientLike;
  /** Where warnings go. */
  logger: Logger;
  /** Makes vectors. */
  embedder?: Embedder | undefined;
  /** For whom the calls are. */
  auth?: Pick<AuthContext, "tenantId" | "organizationId"> | null | undefined;
  /** Sent with each call. */
  accessKey?: string | undefined;
  /** State shared with the `Cortex`, which exists before its context is loaded. */
  life?: ContextLife | undefined;
}

/** State shared by a `Cortex` and its context. */
export interface ContextLife {
  /** Backend function calls so far. */
  calls: number;
  /** Whether later calls are rejected. */
  isClosed: boolean;
  /** Rejects pending calls; set by the context. */
  giveUp?: () => void;
}

/** Options of one call of a backend function. */
export type BackendCallOptions = Pick<CallOptions, "signal" | "batch">;

type Methods = Record<
  FunctionKind,
  (
    name: string,
    args: object,
    options: CallOptions & { skipQueue?: boolean },
  ) => Promise<unknown>
>;

/** What every API module of a `Cortex` gets: the client, the caller's identity, and where warnings go. */
export class ApiContext {
  /** Where warnings go. */
  readonly logger: Logger;
  /** Makes vectors. */
  readonly embedder: Embedder | undefined;
  /** For whom the calls are. */
  readonly auth:
    | Pick<AuthContext, "tenantId" | "organizationId">
    | null
    | undefined;
  /** Finds facts for a `remember` that brings no extractor. */
  readonly extractFacts: ExtractFactsFn | undefined;
  /** Keeps the calls of a conversation in order. */
  readonly order: CallOrder = new CallOrder();
  readonly #client: ConvexClientLike;
  readonly #accessKey: string | undefined;
  readonly #life: ContextLife;
  /** Pending calls, each with the function that rejects it. */
  readonly #pending = new Map<Promise<unknown>, (reason: Error) => void>();

  /** Builds the context; does no I/O. */
  constructor(options: ApiContextOptions) {
    this.#client = options.client;
    this.#accessKey = options.accessKey;
    this.logger = options.logger;
    this.embedder = options.embedder;
    this.auth = options.auth;
    this.#life = options.life ?? { calls: 0, isClosed: false };
    this.#life.giveUp = () => {
      for (const reject of this.#pending.values()) reject(cortexClosed());
    };
    this.extractFacts = options.llm?.extractFacts;
    // Features that are not built yet, but for this one of `llm`.
    for (const name of ["graph", "llm", "resilience"] as const) {
      const option = options[name] as { extractFacts?: unknown } | null;
      if (option != null && !option.extractFacts) {
        this.logger.warn(`The option ${name} has no effect yet`);
      }
    }
  }

  /** Returns the tenant of a call: that of `auth`, otherwise the explicit one, otherwise none. */
  tenantId(explicit?: string): string | undefined {
    return this.auth?.tenantId ?? explicit;
  }

  /** Returns the key under which the calls of a conversation keep their order. */
  orderKey(tenantId: string | undefined, conversationId: string): string {
    return JSON.stringify([tenantId, conversationId]);
  }

  /** Calls a function of the backend. */
  send<Result>(
    kind: FunctionKind,
    name: string,
    args: object,
    options: BackendCallOptions,
  ): Promise<Result> {
    const calling = this.#send<Result>(kind, name, args, options);
    return new Promise((resolve, reject) => {
      this.#pending.set(calling, reject);
      calling.then(resolve, reject)
        .finally(() => this.#pending.delete(calling));
    });
  }

  async #send<Result>(
    kind: FunctionKind,
    name: string,
    args: object,
    options: BackendCallOptions,
  ): Promise<Result> {
    this.assertOpen();
    options.signal?.throwIfAborted();
    this.#life.calls++;
    try {
      // `skipQueue` is for Convex's own HTTP client, which otherwise sends one mutation at a time.
      const result = await (this.#client as unknown as Methods)[kind](
        name,
        compact({ ...args, accessKey: this.#accessKey }),
        kind === "mutation"
          ? { ...keyed(options, args), skipQueue: true }
          : options,
      );
      const answer = decodeMetadata(result as Result);
      await comeTo(answer);
      return answer;
    } catch (error) {
      if (this.#accessKey) hide(this.#accessKey, Object(error));
      throw toOurs(error, name);
    }
  }

  /** Throws `CLIENT_CLOSED` after `close()`. */
  assertOpen(): void {
    if (this.#life.isClosed) {
      throw cortexClosed();
    }
  }
}

/** Passes an idempotency key on to the client, which may then retry the call. */
function keyed(
  options: BackendCallOptions,
  { idempotencyKey }: { idempotencyKey?: string },
): CallOptions {
  const { batch } = options;
  return idempotencyKey === undefined ? options : {
    ...options,
    idempotencyKey,
    ...batch && { batch: { ...batch, cost: keyedCost(batch.cost) } },
  };
}

/**
 * Removes the access key from an error: a backend of another version quotes a call's arguments when it refuses them.
 */
function hide(secret: string, error: Partial<Error>): void {
  for (const name of ["message", "stack"] as const) {
    // Assigned only if needed: on some errors these properties are read-only.
    if (error[name]?.includes(secret)) {
      error[name] = error[name].replaceAll(secret, "…");
    }
  }
}

/**
 * Makes our `ConvexError` of an error that a backend function threw on purpose, whichever client reported it. Of a
 * deployment without this module's functions, Convex only says that one was not found: adds how it gets them.
 */
function toOurs(error: unknown, name: string): unknown {
  if (isConvexError(error)) {
    return error instanceof ConvexError
      ? error
      : new ConvexError(error.data, { cause: error });
  }
  return /Could not find public/.test(Object(error).message)
    ? new FunctionError(
      "FUNCTION_NOT_FOUND",
      `The deployment has no ${name}: deploy src/convex to it, see README`,
      { cause: error },
    )
    : error;
}

/** Drops members that are undefined. */
export function compact<Input extends object>(input: Input): Input {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as Input;
}
