import type { HttpTransport } from "./http_transport.ts";
import { unlessAborted } from "./deadline.ts";

/** Time for which queries share a point in time, in ms; Convex keeps 30 s of history. */
const SHARED_FOR_MS = 25_000;

/** The point in time that consistent queries of one client share. */
export class SharedSnapshot {
  readonly #transport: HttpTransport;
  #timestamp: Promise<string> | undefined;
  #askedAtMs = 0;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /** The point in time, asked of the deployment once in 25 s, as Convex writes it. */
  timestamp(signal: AbortSignal | undefined): Promise<string> {
    const now = performance.now();
    if (
      this.#timestamp === undefined || now - this.#askedAtMs > SHARED_FOR_MS
    ) {
      const asked = this.#ask();
      this.#timestamp = asked;
      this.#askedAtMs = now;
      asked.catch(() => {
        if (this.#timestamp === asked) this.#timestamp = undefined;
      });
    }
    return unlessAborted(this.#timestamp!, signal);
  }

  async #ask(): Promise<string> {
    const { answer } = await this.#transport.post({
      endpoint: "/api/query_ts",
      body: "",
      expected: (answer): answer is { ts: string } =>
        typeof (answer as { ts?: unknown } | null)?.ts === "string",
      safety: "always",
    });
    return answer.ts;
  }
}
