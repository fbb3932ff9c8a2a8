import type { Engine } from "../../src/engine/engine.ts";
import {
  type ConvexServer,
  createConvexServer,
} from "../../src/server/server.ts";
import type { ConvexServerOptions } from "../../src/server/server_options.ts";
import { denoHandler } from "../../src/server/hosts/serve_deno.ts";
import type { SyncSocket } from "../../src/server/sync/sync_services.ts";

/** A server of Convex's protocols on 127.0.0.1, by Deno. */
export interface SyncServer extends AsyncDisposable {
  /** Origin. */
  readonly url: string;
  /** What is served. */
  readonly server: ConvexServer;
  /** Ends the WebSockets that are open, as a network that breaks would. */
  breakConnections(): void;
  /** Ends the server. */
  close(): Promise<void>;
}

/** Starts a server on a free port, or on the one given. */
export function startSyncServer(
  engine: Engine,
  { port = 0, breakPath, ...options }: ConvexServerOptions & {
    port?: number;
    /** Path whose POST does {@link SyncServer.breakConnections}, for a client elsewhere. */
    breakPath?: string;
  } = {},
): SyncServer {
  const server = createConvexServer(engine, options);
  const sockets = new Set<SyncSocket>();
  const breakConnections = () => {
    for (const socket of [...sockets]) {
      socket.close(4000, "broken by the test");
    }
  };
  const spied: ConvexServer = {
    ...server,
    async handle(request) {
      if (new URL(request.url).pathname !== breakPath) {
        return await server.handle(request);
      }
      breakConnections();
      const headers = { "access-control-allow-origin": "*" };
      return new Response(null, { headers });
    },
    connect(url, socket, origin) {
      sockets.add(socket);
      const client = server.connect(url, socket, origin);
      const closed = () => {
        sockets.delete(socket);
        client.closed();
      };
      return { receive: (frame) => client.receive(frame), closed };
    },
  };
  const http = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    denoHandler(spied),
  );
  const close = async () => {
    server.close();
    await http.shutdown();
  };
  return {
    url: `http://127.0.0.1:${http.addr.port}`,
    server,
    breakConnections,
    close,
    [Symbol.asyncDispose]: close,
  };
}
