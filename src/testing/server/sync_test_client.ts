/** A message of the sync protocol. */
// deno-lint-ignore no-explicit-any -- messages of any shape
export type Message = any;

/** A client's end of a WebSocket. */
export interface TestSocket {
  /** Sends a frame. */
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  /** Hangs up. */
  close(): void;
  /** Calls `take` with each frame from the server. */
  onFrame(take: (text: string) => void): void;
  /** Resolves when the socket is closed. */
  readonly ended: Promise<{ code: number; reason: string }>;
}

/** A server started for a case. */
export interface RunningServer {
  /** Sends a request to the server. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Opens a WebSocket to the server. */
  open(path: string): Promise<TestSocket>;
  /** Closes the connections from the server's side. */
  closeConnections(): void;
  /** Stops the server. */
  close(): Promise<void>;
}

/** A minimal client of the sync protocol. */
export class SyncTestClient {
  readonly socket: TestSocket;
  readonly messages: Message[] = [];
  /** Number of chunks received. */
  chunks = 0;
  #parts: string[] = [];
  #wake: (() => void) | undefined;
  #requests = 0;

  constructor(socket: TestSocket) {
    this.socket = socket;
    socket.onFrame((text) => {
      let message = JSON.parse(text);
      if (message.type === "TransitionChunk") {
        this.chunks++;
        this.#parts.push(message.chunk);
        if (this.#parts.length < message.totalParts) return;
        message = JSON.parse(this.#parts.join(""));
        this.#parts = [];
      }
      this.messages.push(message);
      this.#wake?.();
    });
  }

  static async connect(
    server: RunningServer,
    isPolite = true,
  ): Promise<SyncTestClient> {
    const client = new SyncTestClient(await server.open("/api/1.48.0/sync"));
    if (isPolite) {
      client.#send({
        type: "Connect",
        sessionId: crypto.randomUUID(),
        connectionCount: 0,
        lastCloseReason: "InitialConnect",
        clientTs: 0,
      });
    }
    return client;
  }

  /** Subscribes to a query once for each of the arguments. */
  follow(udfPath: string, ...each: object[]): void {
    this.#send({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: each.map((args, queryId) => (
        { type: "Add", queryId, udfPath, args: [args] }
      )),
    });
  }

  call(type: "Mutation" | "Action", udfPath: string, args: object): void {
    this.#send({ type, requestId: this.#requests++, udfPath, args: [args] });
  }

  /** Returns the first message that passes a test, waiting for it if needed. */
  async find(test: (message: Message) => boolean): Promise<Message> {
    while (true) {
      const found = this.messages.find(test);
      if (found) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Resolves when a query has the value. */
  async value(queryId: number, expected: unknown): Promise<void> {
    const text = JSON.stringify(expected);
    await this.find(({ modifications = [] }) =>
      modifications.some((modification: Message) =>
        modification.queryId === queryId &&
        JSON.stringify(modification.value) === text
      )
    );
  }

  #send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }
}
