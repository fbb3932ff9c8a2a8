import type { CallSettings, Engine } from "../../engine/engine.ts";
import type { Caller } from "../auth/callers.ts";
import type { ClientSession } from "./client_sessions.ts";
import { heapOf } from "../cut_json.ts";
import { encodeTs } from "../encoded_ts.ts";
import type { Hold } from "../held_bytes.ts";
import { describeFailure } from "../function_error.ts";
import { newRequestId } from "../request_sender.ts";
import { overload, SyncFault } from "./sync_fault.ts";
import { type FunctionRequest, parseClientMessage } from "./sync_messages.ts";
import { stringifyValue } from "../../values/json.ts";

/** How long a mutation may wait for its turn, in ms. */
const MAX_WAIT_MS = 60_000;
/** Most mutations of a connection that are in the engine's queue at once. */
const MAX_BATCH = 64;
/** Greatest total length of their frames, in UTF-16 code units. */
const MAX_BATCH_LENGTH = 1 << 20;
/** Longer frames wait as text, which takes a fraction of the memory of parsed values, and are parsed again later. */
const MAX_READ_LENGTH = 4096;
/** How often to check whether a client has read its answers, in ms. */
const READ_AGAIN_MS = 50;
/**
 * How long a batch may take before the next one is made smaller, in ms: the answer to its first mutation waits for the
 * last.
 */
const BATCH_MS = 50;

/** Where a client connected from, for `ctx.meta`. */
export interface SyncOrigin {
  /** Address that it connected from. */
  ip?: string | undefined;
  /** Its `User-Agent` header. */
  userAgent?: string | null | undefined;
}

/** Where a connection's answers go. */
export interface RequestOutlet {
  /** Sends an answer. */
  send(text: string): void;
  /** Reserves bytes of memory for a call. Throws `SyncFault` where there is no room. */
  hold(bytes: number): Hold;
  /** Whether too many unsent answers are buffered to begin further calls. */
  isFull(): boolean;
  /** Called after the answer to a mutation that was committed at a timestamp. */
  onAnswered(ts: bigint): void;
  /** Called with the fault that ends the connection. */
  onFault(fault: SyncFault): void;
}

type InTurn = NonNullable<CallSettings["inTurn"]>;

interface Waiting {
  message: FunctionRequest;
  caller: Caller;
  /** Session under which its answer is kept. */
  sessionId: string;
  sinceMs: number;
  /** The frame from which its arguments are parsed when its turn comes; undefined: they are parsed already. */
  frame: string | undefined;
  /** The memory reserved for it. */
  hold: Hold;
}

/**
 * Runs the calls of one connection: mutations one after another, in order, and actions at once.
 *
 * Waiting mutations are passed to the engine's queue in batches. It runs them in the same order, but they share one
 * flush, and live queries run once after the batch instead of after each mutation.
 */
export class SyncRequests {
  readonly #engine: Pick<Engine, "run">;
  readonly #now: () => number;
  readonly #maxActions: number;
  readonly #redactErrors: boolean;
  readonly #origin: SyncOrigin;
  readonly #outlet: RequestOutlet;
  readonly #mutations: Waiting[] = [];
  #isMutating = false;
  #actions = 0;
  #isClosed = false;
  /** Commit timestamps of mutations whose answers have not been sent. */
  readonly #committed: Set<bigint> = new Set();
  /**
   * Names of mutations that have succeeded: their modules are loaded, so the engine queues them synchronously, in
   * order.
   */
  readonly #known: Set<string> = new Set();
  #batchSize = 1;

  /** Begins without calls. */
  constructor(
    { engine, now, limits, redactErrors, origin }: {
      engine: Pick<Engine, "run">;
      now: () => number;
      limits: { maxRequests: number };
      redactErrors: boolean;
      origin: SyncOrigin;
    },
    outlet: RequestOutlet,
  ) {
    this.#redactErrors = redactErrors;
    this.#origin = origin;
    this.#engine = engine;
    this.#now = now;
    this.#maxActions = limits.maxRequests;
    this.#outlet = outlet;
  }

  /**
   * Starts or queues the call of a frame. Throws `SyncFault` if too many actions run, or if there is no room for it. Any
   * number of mutations may wait: a client that was offline repeats all of its own at once, and would do so for ever.
   */
  start(
    message: FunctionRequest,
    frame: string,
    caller: Caller,
    session: ClientSession,
  ): void {
    if (message.type === "Action") {
      if (this.#actions >= this.#maxActions) {
        throw overload(
          "TooManyConcurrentRequests",
          `more than ${this.#maxActions} actions at once`,
        );
      }
      const hold = this.#outlet.hold(heapOf(frame));
      this.#actions++;
      this.#act(message, caller).finally(() => {
        this.#actions--;
        hold.release();
      });
      return;
    }
    const sinceMs = this.#now();
    const sessionId = session.nameFor(message, caller);
    const isText = this.#isMutating && frame.length > MAX_READ_LENGTH;
    this.#mutations.push({
      message: isText ? { ...message, args: {} } : message,
      caller,
      sessionId,
      sinceMs,
      frame: isText ? frame : undefined,
      hold: this.#outlet.hold(isText ? frame.length : heapOf(frame)),
    });
    if (!this.#isMutating) this.#drain();
  }

  /** True while a mutation included in the state at `ts` is unanswered. */
  isAnswering(ts: bigint): boolean {
    for (const committed of this.#committed) if (committed <= ts) return true;
    return false;
  }

  /** Ends the connection's calls: those that have begun continue, waiting ones are dropped. */
  close(): void {
    this.#isClosed = true;
    for (const { hold } of this.#mutations.splice(0)) hold.release();
  }

  async #drain(): Promise<void> {
    this.#isMutating = true;
    while (this.#mutations.length > 0) {
      if (this.#outlet.isFull()) {
        await this.#untilRead();
        continue;
      }
      const startMs = this.#now();
      if (startMs - this.#mutations[0]!.sinceMs > MAX_WAIT_MS) {
        this.#outlet.onFault(
          overload("ExpiredInQueue", "a mutation waited too long"),
        );
        break;
      }
      const batch = this.#takeBatch();
      const inTurn = untilFailure();
      await Promise.all(batch.map((one) => this.#mutate(one, inTurn)));
      this.#batchSize = this.#now() - startMs > BATCH_MS
        ? Math.max(1, batch.length >> 1)
        : Math.min(MAX_BATCH, this.#batchSize * 2);
    }
    this.#isMutating = false;
  }

  /** Waits while the client does not read its answers, as they would pile up without limit. */
  async #untilRead(): Promise<void> {
    while (this.#outlet.isFull() && !this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
    }
    // The client's own delay does not count.
    for (const waiting of this.#mutations) waiting.sinceMs = this.#now();
  }

  #takeBatch(): Waiting[] {
    const next = this.#mutations.slice(0, this.#batchSize);
    let length = 0;
    const known = next.findIndex(({ message, frame }) =>
      !this.#known.has(nameOf(message)) ||
      (length += frame?.length ?? 0) > MAX_BATCH_LENGTH
    );
    return this.#mutations.splice(
      0,
      known === -1 ? next.length : Math.max(1, known),
    );
  }

  async #mutate(
    { message, caller, sessionId, frame, hold }: Waiting,
    inTurn: InTurn,
  ): Promise<void> {
    const { requestId, udfPath } = message;
    const { args } = frame === undefined
      ? message
      : parseClientMessage(frame) as FunctionRequest;
    const written: string[] = [];
    let committed: bigint | undefined;
    try {
      const { value, ts, logLines } = await this.#engine.run(
        "mutation",
        udfPath,
        args,
        {
          ...this.#settings(message, caller),
          request: { sessionId, requestId },
          logLines: written,
          onCommit: (ts) => this.#committed.add(committed = ts),
          inTurn,
        },
      );
      this.#known.add(nameOf(message));
      this.#outlet.send(
        `{"type":"MutationResponse","requestId":${requestId},"success":true,"result":${
          stringifyValue(value)
        },"ts":"${encodeTs(ts)}","logLines":${this.#shown(logLines)}}`,
      );
      this.#answered(committed);
      this.#outlet.onAnswered(ts);
    } catch (error) {
      this.#answered(committed);
      this.#fail(message, error, written);
    } finally {
      hold.release();
    }
  }

  #answered(committed: bigint | undefined): void {
    if (committed !== undefined) this.#committed.delete(committed);
  }

  async #act(message: FunctionRequest, caller: Caller): Promise<void> {
    if (this.#outlet.isFull()) await this.#untilRead();
    if (this.#isClosed) return;
    const { requestId, udfPath, args } = message;
    const written: string[] = [];
    try {
      const { value, logLines } = await this.#engine.run(
        "action",
        udfPath,
        args,
        { ...this.#settings(message, caller), logLines: written },
      );
      this.#outlet.send(
        `{"type":"ActionResponse","requestId":${requestId},"success":true,"result":${
          stringifyValue(value)
        },"logLines":${this.#shown(logLines)}}`,
      );
    } catch (error) {
      this.#fail(message, error, written);
    }
  }

  #fail(
    { type, requestId }: FunctionRequest,
    error: unknown,
    logLines: readonly string[],
  ): void {
    if (this.#isClosed) return;
    const failure = describeFailure(
      error,
      newRequestId(),
      this.#redactErrors,
    );
    if (failure.kind === "server") {
      const closeCode = failure.status === 500 ? 1011 : 1013;
      return this.#outlet.onFault(
        new SyncFault(failure.code, failure.message, closeCode, {
          cause: error,
        }),
      );
    }
    const { errorMessage, errorData } = failure;
    const data = errorData === undefined
      ? ""
      : `,"errorData":${stringifyValue(errorData)}`;
    const ts = type === "Mutation" ? ',"ts":null' : "";
    this.#outlet.send(
      `{"type":"${type}Response","requestId":${requestId},"success":false,"result":${
        JSON.stringify(errorMessage)
      }${ts},"logLines":${this.#shown(logLines)}${data}}`,
    );
  }

  #settings(
    { component }: FunctionRequest,
    { identity, isAdmin, token }: Caller,
  ): CallSettings {
    const { ip = null, userAgent = null } = this.#origin;
    return {
      component,
      identity,
      mayCallInternal: isAdmin,
      sender: { authToken: token ?? null, ip, userAgent },
    };
  }

  #shown(logLines: readonly string[]): string {
    return JSON.stringify(this.#redactErrors ? [] : logLines);
  }
}

/**
 * Wraps the runs of a batch: after a failure of the server, which ends the connection, the later ones do not run. The
 * client will repeat all unanswered ones, in order.
 */
function untilFailure(): InTurn {
  let failure: { error: unknown } | undefined;
  return async (run) => {
    if (failure) throw failure.error;
    try {
      return await run();
    } catch (error) {
      if (describeFailure(error, "").kind === "server") failure = { error };
      throw error;
    }
  };
}

function nameOf({ component, udfPath }: FunctionRequest): string {
  return JSON.stringify([component, udfPath]);
}
