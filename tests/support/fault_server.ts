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
  /** The connection is closed after a whole answer that promised to keep it. */
  closedAfter: 0.02,
  /** The answer comes a few bytes at a time. */
  trickled: 0.01,
  /** Other answers come before the answer: 100 and 103. */
  informed: 0.02,
  /** The client is sent elsewhere, with a status that would repeat the request there. */
  redirected: 0.01,
  /** The length that is told is too short: more comes, where the next answer should begin. */
  tooShort: 0.005,
  /** The length that is told is too long, and the connection ends. */
  tooLong: 0.01,
  /** The answer is compressed. */
  compressed: 0.01,
  /** The same, and its end is missing. */
  cutCompressed: 0.01,
  /** The request is run and the answer has no content. */
  empty: 0.005,
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

/** What is sent of an answer: its head but for the length, its body, the length that is told, and what comes after. */
interface Written {
  head: string;
  body: Uint8Array;
  length: number;
  after?: Uint8Array;
}

/** Writes an answer as it is, or spoils it. */
async function written(answer: Answer, fault?: Fault): Promise<Written> {
  let { status, type, body: text, extra = "" } = answer;
  let before = "";
  if (fault === "truncated") text = text.slice(0, -3);
  if (fault === "malformed") text = `${text}{`;
  if (fault === "empty") text = "";
  if (fault === "wrongType") [type, text] = ["text/html", "<html>hello"];
  if (fault === "informed") {
    before = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
  }
  if (fault === "redirected") {
    status = "307 Temporary Redirect";
    extra = "location: http://127.0.0.1:1/elsewhere\r\n";
  }
  let body: Uint8Array = new TextEncoder().encode(text);
  if (fault === "compressed" || fault === "cutCompressed") {
    const stream = new Blob([text]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    body = new Uint8Array(await new Response(stream).arrayBuffer());
    if (fault === "cutCompressed") body = body.subarray(0, -12);
    extra += "content-encoding: gzip\r\n";
  }
  const head =
    `${before}HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\n${extra}`;
  const { length } = body;
  if (fault === "tooLong") return { head, body, length: length + 9 };
  if (fault !== "tooShort") return { head, body, length };
  const told = length - 5;
  return {
    head,
    body: body.subarray(0, told),
    length: told,
    after: body.subarray(told),
  };
}

async function send(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a server on a free port of 127.0.0.1. */
export function startFaultServer(seed: number): FaultServer {
  const chance = seededRandom(seed);
  const runs = new Map<string, number>();
  const keyed = new Map<string, unknown>();
  const faults = new Map<Fault, number>();
  const open = new Set<Deno.Conn>();
  let isClosed = false;
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
    const { head, body, length, after = new Uint8Array(0) } = await written(
      answer,
      fault,
    );
    const bytes = new TextEncoder().encode(
      `${head}content-length: ${length}\r\n\r\n`,
    );
    const whole = new Uint8Array([...bytes, ...body, ...after]);
    const half = bytes.length + (body.length >> 1);
    if (fault === "resetDuring" || fault === "stall") {
      await send(connection, whole.subarray(0, half));
      if (fault === "resetDuring") return false;
      await pause(20);
      await send(connection, whole.subarray(half));
      return true;
    }
    const step = fault === "trickled" ? 8 : whole.length;
    for (let at = 0; at < whole.length; at += step) {
      await send(connection, whole.subarray(at, at + step));
      if (fault === "trickled") await pause(1);
    }
    return fault !== "closedAfter" && fault !== "tooLong";
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
    while (!isClosed) {
      try {
        void serve(await listener.accept());
      } catch {
        // The other side hung up before it was accepted.
      }
    }
  })();

  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    runs,
    faults,
    async close() {
      isClosed = true;
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
}
