import { ClientError, ClosedError, ProtocolError } from "../../errors.ts";
import { argsSize, lacking, MAX_TIMER_MS } from "../../at_once.ts";
import type { AuthTokens } from "../wire.ts";
import {
  type AuthError,
  calledBy,
  compareTs,
  newSessionId,
  type ServerMessage,
  type Transition,
  type Version,
  ZERO_TS,
} from "./live_protocol.ts";
import type { TakeMessage } from "./live_inbox.ts";
import type { LiveSessionOptions } from "./live_options.ts";
import { LiveQuery } from "./live_query.ts";
import { type LiveCallOptions, LiveRequests } from "./live_requests.ts";
import { LiveSocket } from "./live_socket.ts";
import type { Call, ConnectionState, QueryObserver } from "../types.ts";

/** How long the socket stays open after the last query or call, in ms. An open one keeps the process alive. */
const IDLE_MS = 1000;
/** Delay after which another token is requested again, when none could be had, in ms. */
const RENEW_AGAIN_MS = 1000;
/** How many tokens may be refused before the session continues anonymously. */
const MAX_REFUSALS = 2;
/** Version of Convex's client whose protocol this follows. */
const PROTOCOL = "1.48.0";

/** Live queries, mutations and actions of one client over one WebSocket, by Convex's sync protocol. */
export class LiveSession {
  /** Whether the server has ever answered. */
  hasAnswered = false;
  /** Queries that another observer may share, by their call: clear it when something was written elsewhere. */
  readonly shared = new Map<string, LiveQuery>();
  readonly #socket: LiveSocket;
  readonly #options: LiveSessionOptions;
  readonly #sessionId = newSessionId();
  readonly #queries = new Map<number, LiveQuery>();
  readonly #requests: LiveRequests;
  /** The version of the query set last sent on this connection. */
  #querySet = 0;
  #identity = 0;
  #token: string | undefined;
  /** The identity that the server was last told. */
  #caller: AuthTokens | undefined;
  /** Whether the first messages of this connection were sent, so that others may follow. */
  #isGreeted = false;
  /** The version that the server last sent on this connection. */
  #version: Version = { querySet: 0, identity: 0, ts: ZERO_TS };
  #maxTs = ZERO_TS;
  /** Unsent changes of the query set, by query. */
  readonly #changes = new Map<number, string>();
  #refusals = 0;
  /** Whether all tokens were refused. Until `setAuth`, queries are anonymous, and calls are refused over HTTP. */
  #isNobody = false;
  #nextId = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #isRetired = false;
  #fatal: Error | undefined;

  /** Opens nothing yet. Throws `UNSUPPORTED` where the host has no WebSocket and none was given. */
  constructor(options: LiveSessionOptions) {
    const { WebSocket } = this.#options = options;
    if (typeof WebSocket !== "function") {
      throw lacking("WebSocket: set the client's option WebSocket");
    }
    this.#requests = new LiveRequests(this.#send, this.#flush);
    const url = `${
      options.address.replace(/^http/, "ws")
    }/api/${PROTOCOL}/sync`;
    this.#socket = new LiveSocket(url, WebSocket, {
      ...options,
      opened: (reason) => this.#greet(reason),
      message: (message) => this.#receive(message),
      lost: (error) => {
        this.#isGreeted = false;
        if (this.#isRetired) return this.close();
        this.#requests.lose(error);
        this.#stopWhenIdle();
        this.#options.onStateChange();
      },
      refused: (error) => {
        this.#isGreeted = false;
        this.#requests.fail(error);
        this.#failQueries(error);
        this.#options.onStateChange();
      },
    });
  }

  /** Follows a query until the returned function is called. */
  subscribe(call: Call, observer: QueryObserver): () => void {
    argsSize(call);
    const called = calledBy(call);
    let query = this.shared.get(called);
    // Asking the server again costs less than keeping a copy of every long result just in case.
    if (!query || query.isGiven) {
      query = new LiveQuery(this.#nextId++, called, this.#options.long);
      this.shared.set(called, query);
      this.#queries.set(query.id, query);
      this.#change(query.id, query.addition);
    }
    if (this.#fatal) observer.onError(this.#fatal);
    query.add(observer);
    this.#start();
    return () => {
      if (query.remove(observer) || !this.#queries.delete(query.id)) return;
      if (this.shared.get(called) === query) this.shared.delete(called);
      const { id } = query;
      this.#change(id, `{"type":"Remove","queryId":${id}}`);
      this.#stopWhenIdle();
    };
  }

  /**
   * Makes a mutation or an action. A mutation resolves when followed queries show its writes. If the identity changes
   * before the call is sent, `options.elsewhere` makes it.
   */
  async run(call: Call, options: LiveCallOptions): Promise<unknown> {
    argsSize(call);
    if (this.#fatal) throw this.#fatal;
    options.signal?.throwIfAborted();
    const outcome = this.#requests.run(call, options);
    if (options.caller === this.#speaker) this.#start();
    else this.#flush();
    try {
      return await outcome;
    } finally {
      this.#stopWhenIdle();
    }
  }

  /** Sends the server the current identity. */
  async authenticate(): Promise<void> {
    this.#isNobody = false;
    const auth = this.#options.auth();
    if (auth !== this.#caller) this.#refusals = 0;
    if (auth.isAwaited) this.#start();
    if (!this.#isGreeted) return await this.#socket.greet();
    try {
      const token = await auth.get();
      if (this.#isGreeted && auth === this.#options.auth()) {
        this.#caller = auth;
        if (token !== this.#token || auth.isAwaited) this.#identify(token);
        else this.#renewLater();
        this.#flush();
      }
    } catch {
      if (auth === this.#options.auth()) this.#socket.restart("Identity");
    }
    // If nothing was sent, no answer will arrive that triggers this check.
    if (this.#isGreeted) this.#stopWhenIdle();
  }

  state(): Partial<ConnectionState> {
    return {
      isWebSocketConnected: this.#socket.isOpen,
      connectionCount: this.#socket.count,
      connectionRetries: this.#socket.retries,
    };
  }

  /** Waits for no other connection than this one, as a server that is gone may never come back. */
  retire(): void {
    this.#isRetired = true;
    if (this.#socket.retries > 0 && !this.#socket.isOpen) this.close();
  }

  close(): void {
    this.#end(new ClosedError("CLIENT_CLOSED", "The client is closed"));
  }

  #start(): void {
    clearTimeout(this.#idle);
    if (!this.#fatal) this.#socket.start();
  }

  #stopWhenIdle(): void {
    clearTimeout(this.#idle);
    const isNeeded = this.#queries.size > 0 || this.#requests.count > 0 ||
      this.#options.auth().isAwaited;
    if (isNeeded) return;
    this.#idle = setTimeout(() => {
      this.#isGreeted = false;
      clearTimeout(this.#renewal);
      this.#socket.stop();
      this.#requests.lose();
      this.#options.onStateChange();
    }, IDLE_MS);
  }

  /** Whether the server knows the current identity. Until then, messages wait. */
  get #maySend(): boolean {
    return this.#isGreeted && this.#caller === this.#options.auth();
  }

  /** Whose calls may be sent. */
  get #speaker(): unknown {
    return !this.#isNobody && this.#options.auth();
  }

  /** Sends a message if its caller may speak. Returns the number of changes of identity before it, counted from 1. */
  #send = (text: string, caller = this.#speaker): number => {
    if (!this.#maySend || caller !== this.#speaker) return 0;
    this.#socket.send(text);
    return this.#identity + 1;
  };

  /** Adds or removes a query; changes of one tick are sent together. */
  #change(id: number, modification: string): void {
    // An addition that was not sent yet needs no removal.
    if (!this.#isGreeted || this.#changes.delete(id)) return;
    this.#changes.set(id, modification);
    queueMicrotask(this.#flush);
  }

  /** Sends what waits. The first `ModifyQuerySet` of a connection is sent even if it is empty. */
  #flush = (): void => {
    if (this.#maySend && (this.#changes.size > 0 || this.#querySet < 1)) {
      const base = this.#querySet++;
      const modifications = [...this.#changes.values()];
      this.#send(
        `{"type":"ModifyQuerySet","baseVersion":${base},"newVersion":${this.#querySet},"modifications":[${modifications}]}`,
      );
      this.#changes.clear();
    }
    this.#requests.resend(this.#speaker);
  };

  #identify(token: string | undefined): void {
    this.#token = token;
    this.#send(JSON.stringify({
      type: "Authenticate",
      baseVersion: this.#identity++,
      tokenType: token ? "User" : "None",
      value: token,
    }));
    this.#renewLater();
  }

  /** Replaces the token before it expires; after a failure, tries again soon. */
  #renewLater(): void {
    clearTimeout(this.#renewal);
    const { leftMs } = this.#options.auth();
    if (leftMs === undefined || !this.#isGreeted) return;
    this.#renewal = setTimeout(
      () => this.authenticate(),
      leftMs > 0 ? Math.min(MAX_TIMER_MS, leftMs) : RENEW_AGAIN_MS,
    );
  }

  /** Sends the first messages of a connection: the identity, the queries, and unanswered calls. */
  async #greet(lastCloseReason: string): Promise<void> {
    const auth = this.#options.auth();
    const { count } = this.#socket;
    // The connection or the identity may have changed meanwhile.
    const isOver = () =>
      this.#isGreeted || !this.#socket.isOpen ||
      this.#socket.count !== count || this.#options.auth() !== auth;
    let token: string | undefined;
    try {
      token = this.#isNobody ? undefined : await auth.get();
    } catch (error) {
      if (isOver()) return;
      // Not before 3 s, or 40 s if there was a token before, as a provider may be down for a moment.
      if (this.#socket.retries > (this.#caller === auth ? 8 : 4)) {
        // Over HTTP, the calls get an answer in any case.
        this.#requests.resend();
        this.#failQueries(error as Error);
      }
      throw error;
    }
    if (isOver()) return;
    this.#isGreeted = true;
    this.#caller = auth;
    this.#token = undefined;
    this.#querySet = 0;
    this.#identity = 0;
    this.#version = { querySet: 0, identity: 0, ts: ZERO_TS };
    this.#changes.clear();
    this.#send(JSON.stringify({
      type: "Connect",
      sessionId: this.#sessionId,
      connectionCount: count - 1,
      lastCloseReason,
      maxObservedTimestamp: this.#maxTs === ZERO_TS ? undefined : this.#maxTs,
      clientTs: Date.now(),
    }));
    if (token) this.#identify(token);
    for (const query of this.#queries.values()) {
      query.isStale = true;
      this.#changes.set(query.id, query.addition);
    }
    this.#flush();
    this.#options.onStateChange();
  }

  #receive(message: ServerMessage): ReturnType<TakeMessage> {
    this.hasAnswered = true;
    message.move?.(this.#socket, () => this.#requests.count < 1);
    switch (message.type) {
      case "Transition":
        return this.#advance(message);
      case "MutationResponse":
      case "ActionResponse":
        this.#requests.answer(message, this.#version.ts);
        // Needed because nobody waits for a request that was given up.
        return this.#stopWhenIdle();
      case "AuthError":
        return this.#refuse(message);
      case "FatalError":
        return this.#end(new ProtocolError("BAD_RESPONSE", message.error));
      default:
        return;
    }
  }

  #advance(transition: Transition): Promise<void> | void {
    const { startVersion, endVersion, modifications, isDecoded } = transition;
    const { querySet, identity, ts } = this.#version;
    if (
      startVersion.querySet !== querySet || startVersion.ts !== ts ||
      startVersion.identity !== identity
    ) throw new Error("gap");
    const news = modifications.map((modification) =>
      this.#queries.get(modification.queryId)?.update(modification, isDecoded)
    );
    this.#version = endVersion;
    if (compareTs(endVersion.ts, this.#maxTs) > 0) this.#maxTs = endVersion.ts;
    if (endVersion.querySet === this.#querySet) this.#socket.retries = 0;
    if (endVersion.identity === this.#identity) {
      this.#refusals = 0;
      if (this.#token) this.#caller!.note(true, this.#token);
    }
    this.#options.onNews();
    // All results are stored before any observer is called, so that observers see one point in time.
    const told = news.map((tell) => tell?.());
    const reach = () => {
      this.#requests.reach(endVersion.ts);
      this.#stopWhenIdle();
    };
    if (told.every((wait) => wait === undefined)) return reach();
    return Promise.all(told).then(reach);
  }

  /** Handles a refused or expired token: tries another on a new connection, and none after too many refusals. */
  #refuse(
    { error: reason, baseVersion = Infinity, authUpdateAttempted }: AuthError,
  ): void {
    // The identity has changed since then.
    if (baseVersion + 1 < this.#identity) return;
    const auth = this.#options.auth();
    // The server has read nothing after a token that it refused.
    if (authUpdateAttempted) this.#requests.unsend(baseVersion + 1);
    if (this.#token && this.#caller !== auth) {
      return this.#socket.restart("Identity");
    }
    this.#refusals++;
    if (!auth.canReplace || this.#refusals > MAX_REFUSALS) {
      this.#isNobody = true;
      auth.note(false, this.#token);
      const error = new ClientError(
        "UNAUTHENTICATED",
        `The deployment rejected the token: ${reason}`,
      );
      this.#failQueries(error);
    } else if (this.#token) {
      auth.refuse(this.#token);
    }
    this.#socket.restart("Identity");
  }

  #end(error: Error): void {
    this.#fatal ??= error;
    clearTimeout(this.#idle);
    clearTimeout(this.#renewal);
    this.#isGreeted = false;
    this.#socket.stop();
    this.#requests.fail(error);
    if (!(error instanceof ClosedError)) this.#failQueries(error);
  }

  #failQueries(error: Error): void {
    for (const query of this.#queries.values()) query.fail(error);
  }
}
