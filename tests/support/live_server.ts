import { openSyncEngine } from "./sync_case.ts";
import { startSyncServer } from "./sync_server.ts";

/** A server for the cases of live queries, whichever host runs them. */
export interface LiveServer extends AsyncDisposable {
  /** Origin. */
  readonly url: string;
  /** Ends the server. */
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export function startLiveServer(): LiveServer {
  const engine = openSyncEngine();
  const server = startSyncServer(engine, { breakPath: "/test/break" });
  const close = async () => {
    await server.close();
    await engine.close();
  };
  return { url: server.url, close, [Symbol.asyncDispose]: close };
}
