/** The ports of the server, and the addresses of its clients. */

/** What Deno tells of a request. */
export type ServeInfo = Deno.ServeHandlerInfo<Deno.NetAddr>;

/** The client's address in the entry that the proxy added. Clients may have sent the entries before it. */
export function forwardedFor(headers: Headers): string | undefined {
  return headers.get("x-forwarded-for")?.split(",").pop()?.trim();
}

/** A server that listens. */
export type TcpServer = Deno.HttpServer<Deno.NetAddr>;

/** Listens on a port; 0: a free one. Throws if it is in use. */
export function listen(
  hostname: string,
  port: number,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): TcpServer {
  try {
    return Deno.serve({ port, hostname, onListen: () => {} }, handler);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new Error(
      `port ${port} of ${hostname} is in use, perhaps by another server of yours; 0 picks a free one`,
      { cause },
    );
  }
}

/** Listens on a given port, or else on the one after the API's or, if that is taken, on a free one. */
export function listenNear(
  apiPort: number,
  port: number | undefined,
  host: string,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): TcpServer {
  if (port !== undefined) return listen(host, port, handler);
  try {
    return listen(host, apiPort + 1, handler);
  } catch {
    return listen(host, 0, handler);
  }
}

/** The URL at which clients on this machine reach a server. */
export function urlOf(host: string, { addr }: TcpServer): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${addr.port}`;
}
