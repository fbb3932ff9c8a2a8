import {
  bunHandlers,
  type ConvexServer,
  denoHandler,
  type NodeServer,
  serveNode,
  workerdHandler,
  type WsServer,
} from "../../src/server/mod.ts";
import type { TestSocket } from "../../src/testing/server/server_contract.ts";

/** What serves on a host: where it listens, or how it is asked when it cannot listen. */
export interface Listening {
  /** Its origin; undefined when it cannot be reached from outside. */
  url?: string;
  /** Asks it. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Opens a WebSocket of it. */
  open(path: string): Promise<TestSocket>;
  /** Listens no more. */
  close(): Promise<void> | void;
}

type Listen = (server: ConvexServer) => Promise<Listening>;

/** A standard WebSocket, or one of the package `ws`. */
interface AnyWebSocket {
  send(frame: string | Uint8Array): void;
  close(): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}
type WebSocketClass = new (url: string) => AnyWebSocket;

interface DenoLike {
  serve(
    options: { port: number; hostname: string; onListen: () => void },
    handler: ReturnType<typeof denoHandler>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
}
interface BunLike {
  serve(options: object): { port: number; stop(force: boolean): void };
}
interface NodeHttp {
  createServer(): NodeServer & {
    listen(port: number, host: string, listener: () => void): void;
    address(): { port: number };
    close(listener: () => void): void;
    closeAllConnections(): void;
    keepAliveTimeout: number;
  };
}
interface Host {
  Deno?: DenoLike;
  Bun?: BunLike;
  WebSocketPair?: new () => { 0: AnyWebSocket; 1: AnyWebSocket };
  WebSocket?: WebSocketClass;
  process?: { getBuiltinModule?(name: string): unknown; cwd(): string };
}
const host = globalThis as unknown as Host;

/** Asks over the loopback. */
function remote(
  port: number,
  WebSocket: WebSocketClass,
  close: () => Promise<void> | void,
): Listening {
  return {
    url: `http://127.0.0.1:${port}`,
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async open(path) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", reject);
      });
      return testSocket(socket);
    },
    close,
  };
}

function testSocket(socket: AnyWebSocket): TestSocket {
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
    onFrame: (take) =>
      socket.addEventListener(
        "message",
        ({ data }: { data: unknown }) => take(String(data)),
      ),
    ended: new Promise((resolve) =>
      socket.addEventListener(
        "close",
        ({ code, reason }: { code: number; reason: string }) =>
          resolve({ code, reason }),
      )
    ),
  };
}

// deno-lint-ignore require-await -- so is every `Listen`
const onDeno: Listen = async (server) => {
  const http = host.Deno!.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    denoHandler(server),
  );
  return remote(http.addr.port, host.WebSocket!, () => http.shutdown());
};

// deno-lint-ignore require-await -- so is every `Listen`
const onBun: Listen = async (server) => {
  const bun = host.Bun!.serve({
    port: 0,
    hostname: "127.0.0.1",
    // As on Node; here the seconds end answers that are slow, too.
    idleTimeout: 0,
    ...bunHandlers(server),
  });
  return remote(bun.port, host.WebSocket!, () => bun.stop(true));
};

/** Node, by the package `ws`, which is looked for at run time: other hosts' bundles must not hold it. */
const onNode: Listen = async (server) => {
  const builtin = host.process!.getBuiltinModule!;
  const { createRequire } = builtin("node:module") as {
    createRequire(path: string): (name: string) => unknown;
  };
  const { WebSocketServer, WebSocket } = createRequire(
    `${host.process!.cwd()}/package.json`,
  )("ws") as {
    WebSocketServer: new (options: object) => WsServer;
    WebSocket: WebSocketClass;
  };
  const http = (builtin("node:http") as NodeHttp).createServer();
  // On a busy machine five idle seconds are soon over, and the next request would meet a closing connection.
  http.keepAliveTimeout = 10 * 60_000;
  const options = { noServer: true, maxPayload: 32 * 1024 * 1024 };
  serveNode(server, http, new WebSocketServer(options));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return remote(http.address().port, WebSocket, () => {
    http.closeAllConnections();
    return new Promise<void>((resolve) => http.close(resolve));
  });
};

// deno-lint-ignore require-await -- so is every `Listen`
const onWorkerd: Listen = async (server) => {
  const handle = workerdHandler(server);
  const ask = async (path: string, init?: RequestInit) =>
    await handle(new Request(`http://127.0.0.1${path}`, init));
  return {
    fetch: ask,
    async open(path) {
      const { webSocket } = await ask(path, {
        headers: { upgrade: "websocket" },
      }) as unknown as { webSocket: AnyWebSocket & { accept(): void } };
      webSocket.accept();
      return testSocket(webSocket);
    },
    close: () => {},
  };
};

/** Hosts without sockets of their own: frames are handed over, as an adapter for another host would. */
// deno-lint-ignore require-await -- so is every `Listen`
const byHand: Listen = async (server) => ({
  fetch: (path, init) =>
    server.handle(new Request(`http://127.0.0.1${path}`, init)),
  // deno-lint-ignore require-await -- so are those of the others
  async open(path) {
    let take = (_text: string) => {};
    let end = (_how: { code: number; reason: string }) => {};
    const ended = new Promise<{ code: number; reason: string }>((resolve) =>
      end = resolve
    );
    const later = (task: () => void) => void Promise.resolve().then(task);
    const client = server.connect(`http://127.0.0.1${path}`, {
      send: (text) => later(() => take(text)),
      close: (code, reason) => later(() => end({ code, reason })),
    });
    return {
      send: (frame) => later(() => client.receive(frame)),
      close: () => client.closed(),
      onFrame: (given) => take = given,
      ended,
    };
  },
  close: () => {},
});

function listenHere(): Listen {
  if (host.Deno?.serve) return onDeno;
  if (host.Bun?.serve) return onBun;
  if (host.WebSocketPair) return onWorkerd;
  if (host.process?.getBuiltinModule?.("node:http")) return onNode;
  return byHand;
}

/** Serves by the sockets of this host, or by hand where it has none. */
export function listen(server: ConvexServer): Promise<Listening> {
  return listenHere()(server);
}
