import type { HttpTransport } from "./http_transport.ts";
import { unlessAborted } from "../deadline.ts";
import type { CallTrace } from "../types.ts";

/** Time for which queries share a point in time, in ms; Convex keeps 30 s of history. */
const SHARED_FOR_MS = 25_000;

/** A request for a timestamp, how many callers wait for its answer, and their traces until it is there. */
interface Asked {
  timestamp: Promise<string>;
  giveUp: AbortController;
  waiting: number;
  traces?: CallTrace[] | undefined;
}

/** The point in time that consistent queries of one client share. */
export class SharedSnapshot {
  readonly #transport: HttpTransport;
  #asked: Asked | undefined;
  #askedAtMs = 0;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /**
   * The timestamp in Convex's notation, requested from the deployment every 25 s. Call `forget` when the deployment no
   * longer knows it: this host's clock may have stood still.
   */
  async timestamp(
    signal: AbortSignal | undefined,
    trace: CallTrace,
  ): Promise<{ ts: string; forget(): void }> {
    const now = performance.now();
    if (now - this.#askedAtMs > SHARED_FOR_MS) this.#asked = undefined;
    if (!this.#asked) this.#askedAtMs = now;
    const asked = this.#asked ??= this.#ask();
    const forget = () => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    asked.waiting++;
    asked.traces?.push(trace);
    try {
      const ts = await unlessAborted(asked.timestamp, signal);
      return { ts, forget };
    } catch (error) {
      // Who gives up leaves it to the others. If nobody else waits, the request is ended: it may never be answered.
      if (signal?.aborted && asked.waiting > 1) throw error;
      forget();
      asked.giveUp.abort(error);
      throw error;
    } finally {
      asked.waiting--;
    }
  }

  #ask(): Asked {
    const giveUp = new AbortController();
    const traces: CallTrace[] = [];
    const posted = this.#transport.post({
      endpoint: "/api/query_ts",
      body: "",
      expected: (answer): answer is { ts: string } =>
        typeof (answer as { ts?: unknown } | null)?.ts === "string",
      safety: "always",
      // Queries of any priority wait for it.
      priority: Infinity,
      signal: giveUp.signal,
      traces,
      // It must not count as a short answer of those who wait for it.
      names: [],
    });
    const timestamp = posted.then(({ answer }) => {
      asked.traces = undefined;
      return answer.ts;
    });
    const asked: Asked = { timestamp, giveUp, waiting: 0, traces };
    return asked;
  }
}
