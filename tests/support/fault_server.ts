/** A deployment over raw TCP that behaves badly in chosen ways, by a seeded choice; it runs mutations of a key once. */
import { seededRandom } from "../../src/testing/random.ts";

/** What may go wrong with a request, and how often, as shares that add up to less than 1. */
export const FAULTS = {
  /** The connection is reset before the request is read. */
  resetBefore: 0.02,
  /** The request is run, and the connection reset before the answer. */
  resetAfter: 0.02,
  /** The connection is reset in the middle of the answer's body. */
  resetDuring: 0.02,
  /** The request is run and nothing is ever answered. */
  silent: 0.005,
  /** The answer stalls for a while in the middle. */
  stall: 0.02,
  /** 429 before execution. */
  rateLimited: 0.02,
  /** The same, with the time to come back by the server's clock, which is hours off. */
  rateLimitedByDate: 0.01,
  /** 503 before execution. */
  rejected: 0.03,
  /** 503 of which nobody knows. */
  overloaded: 0.02,
  /** The answer ends early, though its length is right. */
  truncated: 0.02,
  /** The answer is no JSON. */
  malformed: 0.01,
  /** The answer is a web page. */
  wrongType: 0.01,
  /** The token counts as expired. */
  unauthenticated: 0.02,
};
type Fault = keyof typeof FAULTS;

/** How far the server's clock is ahead, in ms. */
const SKEW_MS = 5 * 3_600_000;

/** A server of faults. */
export interface FaultServer {
  url: string;
  /** Times that each mutation was run, by its argument `id`. */
  runs: Map<string, number>;
  /** What went wrong how often. */
  faults: Map<Fault, number>;
  close(): Promise<void>;
}

interface Answer {
  status: string;
  type: string;
  body: string;
  extra?: string;
}

const json = (value: unknown, status = "200 OK", extra = ""): Answer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
  extra,
});

/** Starts a server on a free port of 127.0.0.1. */
export function startFaultServer(seed: number): FaultServer {
  const chance = seededRandom(seed);
  const runs = new Map<string, number>();
  const keyed = new Map<string, unknown>();
  const faults = new Map<Fault, number>();
  const open = new Set<Deno.Conn>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  const choose = (): Fault | undefined => {
    let at = chance.below(1e6) / 1e6;
    for (const [fault, share] of Object.entries(FAULTS)) {
      at -= share;
      if (at >= 0) continue;
      faults.set(fault as Fault, (faults.get(fault as Fault) ?? 0) + 1);
      return fault as Fault;
    }
  };
  const runCall = (
    kind: string,
    { args: [args] }: { args: [Record<string, unknown>] },
  ) => {
    if (kind === "mutation") {
      const key = args.idempotencyKey as string | undefined;
      if (key !== undefined && keyed.has(key)) return keyed.get(key);
      const id = String(args.id);
      runs.set(id, (runs.get(id) ?? 0) + 1);
      if (key !== undefined) keyed.set(key, args.id);
    }
    return args.id ?? null;
  };
  const run = (path: string, text: string): Answer => {
    const body = JSON.parse(text);
    const success = (value: unknown) => ({ status: "success", value });
    return path.endsWith("query_batch")
      ? json({
        results: body.queries.map((query: never) =>
          success(runCall("query", query))
        ),
      })
      : json(success(runCall(path.slice("/api/".length), body)));
  };
  const trouble = (code: string, status: string, extra = "") =>
    json({ code, message: "try again" }, status, extra);

  const respond = async (
    connection: Deno.Conn,
    path: string,
    text: string,
  ): Promise<boolean> => {
    const fault = choose();
    let answer: Answer;
    switch (fault) {
      case "resetBefore":
        return false;
      case "rateLimited":
        answer = trouble(
          "RateLimited",
          "429 Too Many Requests",
          "retry-after: 0.01\r\n",
        );
        break;
      case "rateLimitedByDate": {
        const now = new Date(Date.now() + SKEW_MS).toUTCString();
        answer = trouble(
          "RateLimited",
          "429 Too Many Requests",
          `date: ${now}\r\nretry-after: ${now}\r\n`,
        );
        break;
      }
      case "rejected":
        answer = trouble("RejectedBeforeExecution", "503 Service Unavailable");
        break;
      case "unauthenticated":
        answer = trouble("Unauthenticated", "401 Unauthorized");
        break;
      default:
        answer = run(path, text);
    }
    if (fault === "resetAfter") return false;
    if (fault === "silent") return await new Promise(() => {});
    if (fault === "overloaded") {
      answer = trouble("SystemTimeoutError", "503 Service Unavailable");
    }
    if (fault === "truncated") answer.body = answer.body.slice(0, -3);
    if (fault === "malformed") answer.body = `${answer.body}{`;
    if (fault === "wrongType") {
      answer = { status: "200 OK", type: "text/html", body: "<html>hello" };
    }
    const bytes = new TextEncoder().encode(
      `HTTP/1.1 ${answer.status}\r\ncontent-type: ${answer.type}\r\n` +
        `${answer.extra ?? ""}content-length: ${answer.body.length}\r\n\r\n` +
        answer.body,
    );
    const half = bytes.length - Math.ceil(answer.body.length / 2);
    if (fault === "resetDuring" || fault === "stall") {
      await connection.write(bytes.subarray(0, half));
      if (fault === "resetDuring") return false;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await connection.write(bytes.subarray(half));
      return true;
    }
    for (let sent = 0; sent < bytes.length;) {
      sent += await connection.write(bytes.subarray(sent));
    }
    return true;
  };

  const serve = async (connection: Deno.Conn) => {
    open.add(connection);
    try {
      let buffer = "";
      const chunk = new Uint8Array(65_536);
      const decoder = new TextDecoder();
      while (true) {
        const end = buffer.indexOf("\r\n\r\n");
        const length = Number(
          /content-length: (\d+)/i.exec(buffer)?.[1] ?? NaN,
        );
        if (end >= 0 && buffer.length >= end + 4 + length) {
          const path = buffer.split(" ", 2)[1]!;
          const text = buffer.slice(end + 4, end + 4 + length);
          buffer = buffer.slice(end + 4 + length);
          if (!await respond(connection, path, text)) break;
          continue;
        }
        const read = await connection.read(chunk);
        if (read === null) break;
        buffer += decoder.decode(chunk.subarray(0, read), { stream: true });
      }
    } catch {
      // The other side hung up.
    } finally {
      open.delete(connection);
      try {
        connection.close();
      } catch {
        // Closed already.
      }
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) void serve(connection);
  })();

  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    runs,
    faults,
    async close() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
}
