import type { ConvexServer, SyncClient } from "../../src/server/mod.ts";

/** A client of the sync protocol that is a list of frames. */
export class FakeSocket {
  /** Messages from the server, in order. */
  // deno-lint-ignore no-explicit-any -- messages of any shape
  readonly messages: any[] = [];
  /** How the server has ended the connection. */
  closed: { code: number; reason: string } | undefined;
  /** What the host says that it has not sent yet. */
  buffered = 0;
  readonly #client: SyncClient;
  #wake: (() => void) | undefined;

  /** Connects, without a word. */
  constructor(server: ConvexServer, url = "http://server/api/1.48.0/sync") {
    this.#client = server.connect(url, {
      send: (text) => {
        this.messages.push(JSON.parse(text));
        this.#wake?.();
      },
      close: (code, reason) => {
        this.closed = { code, reason };
        this.#wake?.();
      },
      bufferedBytes: () => this.buffered,
    });
  }

  /** Sends a message, or a frame as it is. */
  send(message: object | string | Uint8Array<ArrayBuffer>): void {
    const isFrame = typeof message === "string" ||
      message instanceof Uint8Array;
    this.#client.receive(isFrame ? message : JSON.stringify(message));
  }

  /** Says who it is, and follows nothing yet. */
  hello(sessionId: string = crypto.randomUUID()): void {
    this.send({
      type: "Connect",
      sessionId,
      connectionCount: 0,
      lastCloseReason: "InitialConnect",
      clientTs: 0,
    });
  }

  /** Asks for queries, as the first thing after `hello`. */
  follow(...queries: { udfPath: string; args: unknown[] }[]): void {
    this.send({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: queries.map((query, queryId) => ({
        type: "Add",
        queryId,
        ...query,
      })),
    });
  }

  /** Resolves when there is a message, or the end, that passes. */
  async until(
    // deno-lint-ignore no-explicit-any -- messages of any shape
    test: (message: any) => boolean,
  ): Promise<void> {
    while (!this.messages.some(test)) {
      if (this.closed) {
        throw new Error(`closed: ${JSON.stringify(this.closed)}`);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Resolves when the server has ended the connection. */
  async end(): Promise<{ code: number; reason: string }> {
    while (!this.closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.closed;
  }

  /** Hangs up. */
  leave(): void {
    this.#client.closed();
  }
}
