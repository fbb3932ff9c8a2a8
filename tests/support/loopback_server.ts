/** What `node:http` gives, as far as it is used here. */
interface NodeHttp {
  createServer(
    listener: (request: NodeRequest, response: NodeResponse) => void,
  ): NodeServer;
}
interface NodeRequest extends AsyncIterable<Uint8Array> {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
}
interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): void;
  end(body?: Uint8Array): void;
  on(event: "close", listener: () => void): void;
  destroy(): void;
  writableEnded: boolean;
}
interface NodeServer {
  listen(port: number, host: string, listener: () => void): void;
  address(): { port: number } | null;
  close(listener: () => void): void;
  closeAllConnections?(): void;
  keepAliveTimeout: number;
  once(event: "error", listener: (error: Error) => void): void;
}

/** A server on 127.0.0.1 that counts what it is asked. */
export interface LoopbackServer extends AsyncDisposable {
  /** Origin, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Requests that arrived. */
  readonly requests: number;
  /** Groups of requests, one after another: a new one begins with a request that arrives when none is in flight. */
  readonly waves: number;
  /** Paths asked, in order of arrival. */
  readonly paths: readonly string[];
  /** Sets the counters to zero. */
  reset(): void;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/** Options of {@link startLoopbackServer}. */
export interface LoopbackOptions {
  /** Time between an answer's being ready and its being sent, in ms. Default 0. */
  delayMs?: number;
  /** What becomes of a request whose handler throws: an answer of status 500 (default), or the end of its connection. */
  onThrow?: "answer" | "hang up";
}

/** True on hosts that can listen on a socket: Deno, Node and Bun. */
export function canListen(): boolean {
  return nodeHttp() !== undefined;
}

/** Starts a server on a free port of 127.0.0.1 around a Web-standard handler. */
export async function startLoopbackServer(
  handler: (request: Request) => Promise<Response> | Response,
  { delayMs = 0, onThrow = "answer" }: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const http = nodeHttp();
  if (http === undefined) throw new Error("This host cannot listen");
  let paths: string[] = [];
  let waves = 0;
  let inFlight = 0;

  const answer = async (request: NodeRequest, response: NodeResponse) => {
    paths.push(request.url);
    if (inFlight === 0) waves++;
    inFlight++;
    let answered = false;
    // Counted when the answer leaves: the next request may come before the host says that the response is closed.
    const leave = () => {
      if (!answered) inFlight--;
      answered = true;
    };
    // A client that hangs up ends its request, too.
    const gone = new AbortController();
    response.on("close", () => {
      leave();
      if (!response.writableEnded) gone.abort();
    });
    try {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of request) chunks.push(new Uint8Array(chunk));
      const bare = request.method === "GET" || request.method === "HEAD";
      const result = await handler(
        new Request(url + request.url, {
          method: request.method,
          headers: flatten(request.headers),
          body: bare ? undefined : new Blob(chunks),
          signal: gone.signal,
        }),
      );
      const body = new Uint8Array(await result.arrayBuffer());
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      leave();
      response.writeHead(result.status, Object.fromEntries(result.headers));
      response.end(body);
    } catch (error) {
      leave();
      if (onThrow === "hang up") return response.destroy();
      response.writeHead(500, { "content-type": "text/plain" });
      response.end(new TextEncoder().encode(String(error)));
    }
  };

  const server = http.createServer((request, response) => {
    // A request whose client hung up fails here, and can no longer be answered.
    answer(request, response).catch(() => {});
  });
  // On a busy machine five idle seconds are soon over, and the next request would meet a closing connection.
  server.keepAliveTimeout = 10 * 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${server.address()!.port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections?.();
    });
  return {
    url,
    get requests() {
      return paths.length;
    },
    get waves() {
      return waves;
    },
    get paths() {
      return paths;
    },
    reset() {
      paths = [];
      waves = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function flatten(
  headers: NodeRequest["headers"],
): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]]
  );
}

function nodeHttp(): NodeHttp | undefined {
  const host = globalThis as {
    navigator?: { userAgent?: string };
    process?: {
      versions?: { node?: string };
      getBuiltinModule?: (name: string) => NodeHttp | undefined;
    };
  };
  // workerd has the module, but no sockets to listen on.
  if (host.navigator?.userAgent === "Cloudflare-Workers") return undefined;
  return host.process?.getBuiltinModule?.("node:http");
}
