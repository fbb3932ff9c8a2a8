import type { LiveResult, LiveSet } from "../../engine/engine.ts";
import { heapOf } from "../cut_json.ts";
import type { Hold } from "../held_bytes.ts";
import { AuthFault, type Caller } from "../auth/callers.ts";
import type { ClientSession } from "./client_sessions.ts";
import {
  type AddQuery,
  type Authenticate,
  checkComponent,
  type ClientMessage,
  type FunctionRequest,
  parseClientMessage,
} from "./sync_messages.ts";
import { overload, SyncFault } from "./sync_fault.ts";
import { setAlarm } from "./alarm.ts";
import { type FrameTaker, FrameTurns } from "./frame_turns.ts";
import { IdlePing } from "./idle_ping.ts";
import { HeldMessages } from "./held_messages.ts";
import { SyncRequests } from "./sync_requests.ts";
import { StateUpdates } from "./state_updates.ts";
import type { SyncServices, SyncSocket } from "./sync_services.ts";
import type { Reader } from "../unread_bytes.ts";

type NewQuery = Omit<AddQuery, "queryId">;
type FollowedQuery = NewQuery & { hold: Hold };

/** One client of the sync protocol, whatever carries its frames. Never throws. */
export class SyncConnection {
  readonly #socket: SyncSocket;
  readonly #services: SyncServices;
  readonly #live: LiveSet;
  readonly #requests: SyncRequests;
  readonly #queries: Map<number, FollowedQuery> = new Map();
  #isConnected = false;
  #isClosed = false;
  #session: ClientSession;
  #caller: Caller = { identity: null, isAdmin: false };
  /** Cancels the alarm for when the caller's token expires. */
  #cancelExpiry: (() => void) | undefined;
  /** Versions of the query set and the identity that the client has sent. */
  #querySet = 0;
  #identity = 0;
  /** Whether queries are being added, with pauses. */
  #isAdding = false;
  readonly #updates: StateUpdates;
  readonly #held: HeldMessages;
  readonly #frames: FrameTurns;
  readonly #pings: IdlePing;
  readonly #reader: Reader = {
    unread: () => this.#socket.bufferedBytes?.() ?? 0,
    hangUp: () => {
      this.#release();
      if (this.#socket.terminate) this.#socket.terminate();
      else this.#socket.close(1013, "UnreadMessages");
    },
  };

  /** Serves the client of a socket, whose frames go to `receive`. */
  constructor(socket: SyncSocket, services: SyncServices) {
    this.#socket = socket;
    this.#services = services;
    const { limits, held } = services;
    this.#held = new HeldMessages(limits.maxHeldBytes, held);
    const taker: FrameTaker = {
      take: (frame) => this.#handle(frame),
      onError: (error) => this.#refuse(error),
    };
    this.#frames = new FrameTurns(taker, this.#held);
    this.#updates = new StateUpdates(services, {
      send: (text) => this.#send(text),
      isFull: this.#isFull,
      isAnswering: (ts) => this.#requests.isAnswering(ts),
      onSend: (ts) => this.#session.sent(ts),
    });
    this.#session = services.sessions.nameless(services.origin);
    this.#live = services.engine.follow({
      onState: (ts, changes) => this.#onState(ts, changes),
      onError: (error) => this.#refuse(error),
      onEnd: () => this.#end(1012, "ServiceRestart"),
    });
    this.#requests = new SyncRequests(services, {
      send: (text) => this.#send(text),
      isFull: this.#isFull,
      hold: this.#held.call,
      onAnswered: (ts) => {
        if (this.#isClosed) return;
        this.#session.sent(ts);
        // The client waits for a state that includes the writes, even if it follows nothing that they change.
        if (!this.#updates.includes(ts)) this.#live.tell();
        this.#updates.flush();
      },
      onFault: (fault) => this.#refuse(fault),
    });
    this.#pings = new IdlePing(
      limits.pingMs,
      services.now,
      () => this.#send('{"type":"Ping"}'),
    );
  }

  /** Handles a frame from the client. */
  receive(frame: string | Uint8Array): void {
    if (this.#isClosed) return;
    this.#session.received();
    try {
      if (typeof frame !== "string") {
        throw new SyncFault(
          "BadRequest",
          "Binary frames are not part of the protocol",
          1003,
        );
      }
      const { maxFrameLength } = this.#services.limits;
      if (frame.length > maxFrameLength) {
        throw new SyncFault(
          "MessageTooLarge",
          `A message must be at most ${maxFrameLength} characters long; got ${frame.length}`,
          1009,
        );
      }
      this.#frames.receive(frame);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** The adapter calls this when the socket is closed. */
  closed(): void {
    this.#release();
    this.#services.unread.gone(this.#reader);
  }

  /** Closes the connection from the server's side. */
  close(): void {
    this.#end(1001, "Shutdown");
  }

  #handle(frame: string): void {
    const message = parseClientMessage(frame);
    if (message.type === "Event") return;
    const isFirst = !this.#isConnected;
    this.#isConnected = true;
    switch (message.type) {
      case "Connect":
        if (isFirst) return this.#connect(message);
        throw new SyncFault("BadRequest", "Connect was sent twice");
      case "Authenticate":
        return this.#authenticate(message);
      case "ModifyQuerySet":
        return this.#modify(message, frame);
      default:
        return this.#call(message, frame);
    }
  }

  #connect(message: Extract<ClientMessage, { type: "Connect" }>): void {
    const { maxObservedTimestamp, clientTs } = message;
    const { engine, now, origin, sessions } = this.#services;
    const latest = engine.timestamp();
    if (maxObservedTimestamp !== undefined && maxObservedTimestamp > latest) {
      throw overload(
        "InvalidMaxObservedTimestamp",
        `Client has observed timestamp ${maxObservedTimestamp}, which is after the latest one, ${latest}`,
      );
    }
    this.#session = sessions.named(message, origin);
    if (clientTs !== undefined) this.#updates.clockSkewMs = clientTs - now();
  }

  #authenticate(message: Authenticate): void {
    if (message.baseVersion !== this.#identity) {
      throw new SyncFault(
        "AuthBaseVersionMismatch",
        `Base version ${message.baseVersion} passed up doesn't match the current version ${this.#identity}`,
      );
    }
    this.#frames.stop();
    this.#verify(message).catch((error) => this.#refuse(error));
  }

  async #verify(message: Authenticate): Promise<void> {
    let caller: Caller;
    try {
      caller = await this.#services.callers.identify(message);
    } catch (error) {
      if (!(error instanceof AuthFault)) throw error;
      return this.#refuseAuth(error.message, message.baseVersion, true);
    }
    if (this.#isClosed) return;
    // Anybody may send "None" again and again, and running all queries again each time would be expensive.
    const isSame = isNobody(caller) && isNobody(this.#caller);
    this.#caller = caller;
    this.#identity++;
    this.#watchExpiry();
    // The results may depend on the identity.
    this.#followAll(
      isSame ? [] : this.#queries,
      ([queryId, query]) => this.#follow(queryId, query),
      () => this.#frames.goOn(),
    );
  }

  /** Follows many queries, with pauses in which other clients get their turn. */
  #followAll<Query>(
    queries: Iterable<Query>,
    follow: (query: Query) => void,
    done: () => void = () => {},
  ): void {
    this.#isAdding = true;
    this.#frames.forEach(queries[Symbol.iterator](), follow, () => {
      this.#isAdding = false;
      this.#live.tell();
      done();
    });
  }

  #watchExpiry(): void {
    this.#cancelExpiry?.();
    const { expiresAtMs } = this.#caller;
    this.#cancelExpiry = expiresAtMs === undefined
      ? undefined
      : setAlarm(expiresAtMs, this.#services.now, () => {
        this.#refuseAuth("Token expired", this.#identity - 1, false);
      });
  }

  #modify(
    message: Extract<ClientMessage, { type: "ModifyQuerySet" }>,
    frame: string,
  ): void {
    const { baseVersion, newVersion, added, removed } = message;
    if (baseVersion !== this.#querySet || newVersion <= baseVersion) {
      throw new SyncFault(
        "BaseVersionMismatch",
        `Base version ${baseVersion} passed up doesn't match the current version ${this.#querySet}, or the new one, ${newVersion}, is not after it`,
      );
    }
    this.#querySet = newVersion;
    this.#updates.modified(newVersion);
    for (const queryId of removed) {
      this.#held.drop(this.#queries.get(queryId)?.hold);
      if (!this.#queries.delete(queryId)) {
        throw new SyncFault(
          "BadRequest",
          `Query ${queryId} is not in the query set`,
        );
      }
      this.#live.remove(queryId);
      this.#updates.remove(queryId, newVersion);
    }
    const holds = this.#held.queries(added.length, heapOf(frame));
    this.#followAll(added.entries(), ([at, { queryId, ...query }]) => {
      if (this.#queries.has(queryId)) {
        throw new SyncFault(
          "BadRequest",
          `Query ${queryId} is in the query set already`,
        );
      }
      if (this.#queries.size >= this.#services.limits.maxQueries) {
        throw overload(
          "SubscriptionsWorkerFullError",
          `more than ${this.#queries.size} queries on one connection`,
        );
      }
      this.#queries.set(queryId, { ...query, hold: holds[at]! });
      this.#follow(queryId, query);
    });
  }

  #follow(
    queryId: number,
    { udfPath, component, args, journal }: NewQuery,
  ): void {
    const { identity, isAdmin } = this.#caller;
    checkComponent(component, isAdmin);
    this.#live.add(queryId, {
      name: udfPath,
      component,
      args,
      identity,
      mayCallInternal: isAdmin,
      journal,
    });
  }

  #call(message: FunctionRequest, frame: string): void {
    checkComponent(message.component, this.#caller.isAdmin);
    this.#updates.asked();
    this.#requests.start(message, frame, this.#caller, this.#session);
    this.#updates.flush();
  }

  /** Takes a new state from the engine, to be sent to the client. */
  #onState(ts: bigint, changes: ReadonlyMap<number, LiveResult>): void {
    for (const [queryId, { journal }] of changes) {
      // Kept so that after a change of identity the page keeps its end.
      const query = this.#queries.get(queryId);
      if (query) query.journal = journal;
    }
    // A client is told of all queries that it adds at once.
    if (this.#isAdding) return this.#updates.keep(changes);
    const version = { querySet: this.#querySet, identity: this.#identity, ts };
    this.#updates.record(version, changes);
  }

  #isFull = (): boolean =>
    this.#reader.unread() > this.#services.limits.maxBufferedBytes;

  #send(text: string): void {
    if (this.#isClosed) return;
    this.#pings.sent();
    this.#socket.send(text);
    this.#services.unread.sent(this.#reader, text.length);
  }

  #refuseAuth(
    error: string,
    baseVersion: number,
    authUpdateAttempted: boolean,
  ): void {
    const message = { type: "AuthError", error, baseVersion };
    this.#send(JSON.stringify({ ...message, authUpdateAttempted }));
    this.#end(1008, "AuthUpdateFailed");
  }

  #refuse(error: unknown): void {
    if (this.#isClosed) return;
    const fault = error instanceof SyncFault
      ? error
      : new SyncFault("InternalServerError", "", 1011, { cause: error });
    const { closeCode, code, message } = fault;
    if (closeCode === 1011) this.#services.report(fault.cause);
    if (closeCode < 1011) {
      const text = message.slice(0, 1000);
      this.#send(JSON.stringify({ type: "FatalError", error: text }));
    }
    this.#end(closeCode, code);
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#release();
    this.#socket.close(code, reason);
  }

  #release(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session.ended();
    this.#cancelExpiry?.();
    this.#pings.stop();
    this.#updates.close();
    this.#frames.close();
    this.#live.close();
    this.#held.close();
    this.#requests.close();
    this.#services.onClose();
  }
}

function isNobody({ identity, isAdmin }: Caller): boolean {
  return identity === null && !isAdmin;
}
