/** A deployment over raw TCP that behaves badly in chosen ways, by a seeded choice; it runs mutations of a key once. */
import type { FaultyDeployment } from "../../src/testing/client/http_faults.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { pause } from "../../src/testing/support/pause.ts";

/** What `node:net` gives, as far as it is used here. */
interface NodeNet {
  createServer(listener: (socket: Socket) => void): {
    listen(port: number, host: string, listener: () => void): void;
    address(): { port: number };
    close(listener: () => void): void;
  };
}
interface Socket extends AsyncIterable<Uint8Array> {
  write(bytes: Uint8Array, sent: (error?: Error | null) => void): void;
  on(event: "error", listener: () => void): void;
  destroy(): void;
  resetAndDestroy?(): void;
}

/** What may go wrong with a request, and how often, as shares that add up to less than 1. */
const FAULTS = {
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
  /** A 503 that does not come from the deployment. */
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
  /** The declared length is too short: more comes, where the next answer should begin. */
  tooShort: 0.005,
  /** The declared length is too long, and the connection ends. */
  tooLong: 0.01,
  /** The answer is compressed. */
  compressed: 0.01,
  /** The same, and its end is missing. */
  cutCompressed: 0.01,
  /** The request is run and the answer has no content. */
  empty: 0.005,
};
type Fault = keyof typeof FAULTS;

const TOO_MANY = "429 Too Many Requests";
const UNAVAILABLE = "503 Service Unavailable";
/** How far the server's clock is ahead, in ms. */
const SKEW_MS = 5 * 3_600_000;

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

/** What is sent of an answer: its head but for the length, its body, the declared length, and what comes after. */
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

/** Resolves when the system has the bytes, so that ending the connection loses none of them. */
function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.write(bytes, (error) => error ? reject(error) : resolve())
  );
}

const trouble = (code: string, status: string, extra = ""): Answer =>
  json({ code, message: "try again" }, status, extra);

/** What some faults answer in place of the call, which is not run. */
const REFUSALS: { readonly [fault in Fault]?: () => Answer } = {
  rateLimited: () => trouble("RateLimited", TOO_MANY, "retry-after: 0.01\r\n"),
  rateLimitedByDate() {
    const now = new Date(Date.now() + SKEW_MS).toUTCString();
    const extra = `date: ${now}\r\nretry-after: ${now}\r\n`;
    return trouble("RateLimited", TOO_MANY, extra);
  },
  rejected: () => trouble("RejectedBeforeExecution", UNAVAILABLE),
  unauthenticated: () => trouble("Unauthenticated", "401 Unauthorized"),
};

/** What happens to the connection after an answer. */
type Next = "on" | "end" | "reset";

/** The server's functions, what it chose to do wrong, and the connections that it holds. */
class FaultServer {
  readonly runs = new Map<string, number>();
  readonly faults = new Map<Fault, number>();
  requests = 0;
  readonly #chance: Random;
  readonly #keyed = new Map<string, unknown>();
  readonly #open = new Set<Socket>();

  constructor(seed: number) {
    this.#chance = seededRandom(seed);
  }

  /** Answers the requests of a connection until it ends. */
  async serve(socket: Socket): Promise<void> {
    this.#open.add(socket);
    // The other side hung up, which also ends the loop.
    socket.on("error", () => {});
    try {
      let buffer = "";
      const decoder = new TextDecoder();
      for await (const chunk of socket) {
        buffer += decoder.decode(chunk, { stream: true });
        const head = buffer.indexOf("\r\n\r\n") + 4;
        const length = Number(/content-length: (\d+)/i.exec(buffer)?.[1]);
        if (head < 4 || !(buffer.length >= head + length)) continue;
        const path = buffer.split(" ", 2)[1]!;
        const text = buffer.slice(head, head + length);
        // Nobody sends the next request before the answer.
        buffer = "";
        const next = await this.#respond(socket, path, text);
        if (next === "reset") socket.resetAndDestroy?.();
        if (next !== "on") break;
      }
    } catch {
      // As above.
    } finally {
      this.#open.delete(socket);
      socket.destroy();
    }
  }

  /** Ends the connections that are open. */
  hangUp(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async #respond(socket: Socket, path: string, text: string): Promise<Next> {
    this.requests++;
    const fault = this.#choose();
    if (fault === "resetBefore") return "reset";
    const refusal = fault && REFUSALS[fault]?.();
    const answer = refusal ?? this.#run(path, text);
    if (fault === "resetAfter") return "reset";
    if (fault === "silent") return await new Promise(() => {});
    return await transmit(
      socket,
      fault === "overloaded"
        ? trouble("SystemTimeoutError", UNAVAILABLE)
        : answer,
      fault,
    );
  }

  #choose(): Fault | undefined {
    let at = this.#chance.below(1e6) / 1e6;
    for (const [name, share] of Object.entries(FAULTS)) {
      at -= share;
      if (at >= 0) continue;
      const fault = name as Fault;
      this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
      return fault;
    }
  }

  #run(path: string, text: string): Answer {
    const body = JSON.parse(text);
    const success = (value: unknown) => ({ status: "success", value });
    return path.endsWith("query_batch")
      ? json({
        results: body.queries.map((query: never) =>
          success(this.#call("query", query))
        ),
      })
      : json(success(this.#call(path.slice("/api/".length), body)));
  }

  #call(
    kind: string,
    { args: [args] }: { args: [Record<string, unknown>] },
  ): unknown {
    if (kind === "mutation") {
      const key = args.idempotencyKey as string | undefined;
      if (key !== undefined && this.#keyed.has(key)) {
        return this.#keyed.get(key);
      }
      const id = String(args.id);
      this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
      if (key !== undefined) this.#keyed.set(key, args.id);
    }
    return args.id ?? null;
  }
}

/** Sends an answer as the fault demands. */
async function transmit(
  socket: Socket,
  answer: Answer,
  fault: Fault | undefined,
): Promise<Next> {
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
    await send(socket, whole.subarray(0, half));
    if (fault === "resetDuring") return "reset";
    await pause(20);
    await send(socket, whole.subarray(half));
    return "on";
  }
  const step = fault === "trickled" ? 8 : whole.length;
  for (let at = 0; at < whole.length; at += step) {
    await send(socket, whole.subarray(at, at + step));
    if (fault === "trickled") await pause(1);
  }
  return fault === "closedAfter" || fault === "tooLong" ? "end" : "on";
}

/** Starts a server on a free port of 127.0.0.1, on a host that can listen. */
export async function startFaultServer(
  seed: number,
): Promise<FaultyDeployment> {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: "node:net"): NodeNet };
  };
  const faulty = new FaultServer(seed);
  const server = process.getBuiltinModule("node:net")
    .createServer((socket) => void faulty.serve(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    runs: faulty.runs,
    faults: faulty.faults,
    get requests() {
      return faulty.requests;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        faulty.hangUp();
      }),
  };
}
