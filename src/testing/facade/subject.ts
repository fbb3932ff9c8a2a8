/** What the facade's cases need: places where a `Cortex` runs, and clients that only record. */
import { assert, assertEquals } from "@std/assert";
import type { ConvexClientLike, FunctionKind } from "../../client/types.ts";
import { Cortex } from "../../cortex/cortex.ts";
import type { Logger } from "../../cortex/types/config.ts";
import type { CortexConfig } from "../../cortex/types/cortex_config.ts";
import type { RememberParams } from "../../cortex/types/memory.ts";
import type { StoreMemoryInput } from "../../cortex/types/vector.ts";
import type { ContractCase } from "../types.ts";

/** Options that a case may set in any place. */
export type FacadeOptions = Pick<CortexConfig, "auth" | "embedder" | "logger">;

/** A place where a `Cortex` runs. */
export interface FacadeSubject {
  /** Name of the place, for failures. */
  readonly kind: string;
  /** Makes a `Cortex` with nothing in it. The case closes it. */
  open(options?: FacadeOptions): Cortex;
  /** Makes two instances over one set of data. The case closes both. */
  openTwo(first: FacadeOptions, second: FacadeOptions): [Cortex, Cortex];
}

/** A case with a `Cortex` that is opened before it and closed after it. */
export function cortexCase(
  name: string,
  run: (cortex: Cortex, subject: FacadeSubject) => Promise<void>,
  options?: FacadeOptions,
): ContractCase<FacadeSubject> {
  return {
    name,
    async run(subject) {
      await using cortex = subject.open(options);
      await run(cortex, subject);
    },
  };
}

/** A case with the same user of two tenants, `a` and `b`, over one set of data. */
export function tenantsCase(
  name: string,
  run: (one: Cortex, two: Cortex) => Promise<void>,
): ContractCase<FacadeSubject> {
  const of = (tenantId: string) => ({ auth: { userId: "me", tenantId } });
  return {
    name,
    async run(subject) {
      const [one, two] = subject.openTwo(of("a"), of("b"));
      await using _one = one;
      await using _two = two;
      await run(one, two);
    },
  };
}

/** One call that reached a recording client. */
export interface RecordedCall {
  kind: FunctionKind;
  name: string;
  args: { [name: string]: unknown };
  options: { [name: string]: unknown };
}

/** A client that records its calls and answers with `answer`. */
export class RecordingClient implements ConvexClientLike {
  /** The calls, in order. */
  readonly calls: RecordedCall[] = [];
  readonly #answer: (call: RecordedCall) => unknown;

  /** By default, answers as {@link emptyAnswer}. */
  constructor(answer: (call: RecordedCall) => unknown = emptyAnswer) {
    this.#answer = answer;
  }

  /** Records a query. */
  query(name: string, args: object, options: object): Promise<unknown> {
    return this.#record("query", name, args, options);
  }

  /** Records a mutation. */
  mutation(name: string, args: object, options: object): Promise<unknown> {
    return this.#record("mutation", name, args, options);
  }

  /** Records an action. */
  action(name: string, args: object, options: object): Promise<unknown> {
    return this.#record("action", name, args, options);
  }

  /** The only call. */
  only(): RecordedCall {
    assertEquals(this.calls.length, 1);
    return this.calls[0]!;
  }

  async #record(
    kind: FunctionKind,
    name: string,
    args: object,
    options: object,
  ): Promise<unknown> {
    const call = {
      kind,
      name,
      args: args as RecordedCall["args"],
      options: options as RecordedCall["options"],
    };
    this.calls.push(call);
    return await this.#answer(call);
  }
}

/** Answers as an empty backend does. */
export function emptyAnswer({ name, args }: RecordedCall): unknown {
  switch (name) {
    case "memory:remember":
      return {
        conversation: {
          conversationId: args.conversationId,
          messageIds: ["m-1", "m-2"],
        },
        memories: args.memories,
        facts: args.facts,
        repeated: false,
      };
    case "memory:recall":
    case "memory:recallWithEmbedding":
      return {
        items: [],
        vector: [],
        facts: [],
        conversations: [],
        totalResults: 0,
      };
    case "memories:search":
    case "memories:searchWithEmbedding":
    case "memory:search":
    case "memory:searchWithEmbedding":
    case "facts:withoutEmbedding":
      return [];
    case "facts:candidates":
      return { system: "", questions: [] };
    default:
      return null;
  }
}

/** A `Cortex` over a recording client, and the client. */
export function record(
  options: FacadeOptions = {},
  answer?: (call: RecordedCall) => unknown,
): { cortex: Cortex<RecordingClient>; client: RecordingClient } {
  const client = new RecordingClient(answer);
  return {
    cortex: new Cortex({ client, logger: silent, ...options }),
    client,
  };
}

/** A logger that writes nothing. */
export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** A logger that keeps its messages as `level: message`. */
export function keepingLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => {
    lines.push(`${level}: ${message}`);
  };
  return {
    lines,
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
}

/** An exchange between Ada and a helper, with what a case changes. */
export function exchange(
  changes: Partial<RememberParams> = {},
): RememberParams {
  return {
    memorySpaceId: "space",
    conversationId: "conv-1",
    userId: "ada",
    userName: "Ada",
    agentId: "helper",
    userMessage: "My printer is a Brother HL-2030.",
    agentResponse: "Its drum lasts about 12,000 pages.",
    ...changes,
  };
}

/** A note by the system, with what a case changes. */
export function note(
  changes: Partial<StoreMemoryInput> = {},
): StoreMemoryInput {
  return {
    content: "The spare key is under the third flower pot.",
    contentType: "raw",
    source: { type: "system" },
    metadata: { importance: 80, tags: ["home"] },
    ...changes,
  };
}

/** Returns the error that a call rejects with; fails if the call resolves. */
export async function rejectionOf(
  call: () => Promise<unknown>,
): Promise<Error & { code?: string; field?: string; data?: unknown }> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    assert(error instanceof Error, `rejects with an Error, not ${error}`);
    return error;
  }
  throw new Error(`must reject, but resolves to ${JSON.stringify(value)}`);
}

/** Fails unless the call rejects with the code. */
export async function assertCode(
  call: () => Promise<unknown>,
  code: string,
): Promise<void> {
  const error = await rejectionOf(call);
  assertEquals(error.code, code, `${error.name}: ${error.message}`);
}
