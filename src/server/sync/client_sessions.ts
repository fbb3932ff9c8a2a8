import { TextHash } from "../../values/text_hash.ts";
import type { Caller } from "../auth/callers.ts";
import { keepLatest } from "../keep_latest.ts";
import type { FunctionRequest } from "./sync_messages.ts";

/** Most sessions remembered, named and nameless. */
const MAX_NAMED = 10_000;
const MAX_NAMELESS = 1000;
/** Most calls, and most timestamps sent, remembered for a nameless session, and of older ones for all of them. */
const MAX_NOTES = 1024;
const MAX_OLDER_NOTES = 100_000;

/** `User-Agent` of a client when it connected. */
type UserAgent = string | null | undefined;

/** The session of one connection. Answers to its mutations are stored under its name. */
export interface ClientSession {
  /**
   * The name for a mutation. Call this when the mutation arrives, not when its turn comes, as the client may repeat it
   * before that.
   */
  nameFor(message: FunctionRequest, caller: Caller): string;
  /** Records a timestamp that was sent to the client. */
  sent(ts: bigint): void;
  /** Records that the client has sent something. */
  received(): void;
  /** Records that the connection has ended. */
  ended(): void;
}

/** The part of `ClientSessions` that a nameless session uses. */
interface Sessions {
  /** Notes of all sessions that are not among the latest of theirs. */
  readonly older: Map<string, string>;
  /** The number of named connections so far, which serves as a logical clock. */
  count(): number;
  /** Makes the session a candidate for a client that reconnects. */
  remember(session: NamelessSession): void;
}

/** The session that a client had before it named its own. */
interface Earlier {
  session: NamelessSession;
  /** The number of the connection that named it first. */
  since: number;
}

/** A call that may be a repeated one. */
interface RepeatableCall {
  requestId: number;
  fingerprint: string;
  /** The number of the connection that named the session. */
  since: number;
}

/** What is remembered of a session: its latest notes, and older ones as long as there is room for them. */
class Notes {
  readonly #latest: Map<string, string> = new Map();
  readonly #older: Map<string, string>;

  /** Begins without any. The older ones are kept with those of other sessions. */
  constructor(older: Map<string, string>) {
    this.#older = older;
  }

  get size(): number {
    return this.#latest.size;
  }

  set(key: string, note: string): void {
    const [oldest] = this.#latest;
    keepLatest(this.#latest, MAX_NOTES, key, note);
    if (oldest && !this.#latest.has(oldest[0])) {
      keepLatest(this.#older, MAX_OLDER_NOTES, ...oldest);
    }
  }

  get(key: string): string | undefined {
    return this.#latest.get(key) ?? this.#older.get(key);
  }
}

/** The session of a client whose connection has not named one. */
class NamelessSession implements ClientSession {
  readonly #name = crypto.randomUUID();
  readonly #userAgent: UserAgent;
  readonly #calls: Notes;
  readonly #sent: Notes;
  readonly #sessions: Sessions;
  /** The number of named connections when the client last sent something. */
  #receivedAt: number;
  #isOpen = true;

  constructor(userAgent: UserAgent, sessions: Sessions) {
    this.#userAgent = userAgent;
    this.#sessions = sessions;
    this.#calls = new Notes(sessions.older);
    this.#sent = new Notes(sessions.older);
    this.#receivedAt = sessions.count();
  }

  /** Whether its connection is still open, as far as the server knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  nameFor(message: FunctionRequest, caller: Caller): string {
    // Anonymous callers cannot be recognised; others would get their answers.
    if (!isKnown(caller)) return this.#name;
    if (this.#calls.size === 0) this.#sessions.remember(this);
    this.#calls.set(
      this.#callKey(message.requestId),
      fingerprintOf(message, caller),
    );
    return this.#name;
  }

  sent(ts: bigint): void {
    this.#sent.set(this.#sentKey(ts), "");
  }

  received(): void {
    const now = this.#sessions.count();
    if (now === this.#receivedAt) return;
    this.#receivedAt = now;
    // Its client is still here: if another client was mistaken for it meanwhile, it may still reconnect later.
    if (this.#calls.size > 0) this.#sessions.remember(this);
  }

  ended(): void {
    this.#isOpen = false;
  }

  /** Whether a client that makes a call, and has observed a timestamp, can be the one of this session. */
  isOf(
    call: RepeatableCall,
    userAgent: UserAgent,
    observedTs: bigint | undefined,
  ): boolean {
    return userAgent === this.#userAgent &&
      this.nameOf(call) !== undefined &&
      (observedTs === undefined ||
        this.#sent.get(this.#sentKey(observedTs)) !== undefined);
  }

  /**
   * The name for a repeated call; undefined for any other. A client that still sends something here after a connection
   * has named itself did not make that connection.
   */
  nameOf(
    { requestId, fingerprint, since }: RepeatableCall,
  ): string | undefined {
    const isAgain = this.#receivedAt < since &&
      this.#calls.get(this.#callKey(requestId)) === fingerprint;
    return isAgain ? this.#name : undefined;
  }

  #callKey(requestId: number): string {
    return `${this.#name}:${requestId}`;
  }

  #sentKey(ts: bigint): string {
    return `${this.#name}@${ts}`;
  }
}

/**
 * The sessions of a server's clients. A client names its own when it connects. With `expectAuth`, `ConvexClient` omits
 * the name if its token comes late, and gives it on the next connection, where it repeats the unanswered mutations. To
 * keep these from running twice, that client is recognised: by its user, by the calls that it repeats and their
 * numbers, by the latest timestamp sent to it, and by its silence on the first connection. A call that may be a
 * different one runs, as a lost write is worse than a repeated one.
 *
 * Not recognised are a client without a user, one whose server was restarted between the two connections, one whose
 * first token was still being verified when it made the calls on the second connection, and one with more unanswered
 * calls, or states in flight, than are remembered. A client that names its session at once is always recognised, for a
 * day.
 */
export class ClientSessions {
  readonly #nameless: Map<NamelessSession, true> = new Map();
  readonly #olderNotes: Map<string, string> = new Map();
  readonly #named: Map<string, Earlier | undefined> = new Map();
  #count = 0;

  /** Begins the session of a connection that names none. */
  nameless({ userAgent }: { userAgent?: UserAgent }): ClientSession {
    return new NamelessSession(userAgent, {
      older: this.#olderNotes,
      count: () => this.#count,
      remember: (session) =>
        keepLatest(this.#nameless, MAX_NAMELESS, session, true),
    });
  }

  /** Begins or continues a named session. */
  named(
    { sessionId, connectionCount, maxObservedTimestamp }: {
      sessionId: string;
      connectionCount: number;
      maxObservedTimestamp: bigint | undefined;
    },
    { userAgent }: { userAgent?: UserAgent },
  ): ClientSession {
    const since = ++this.#count;
    // A client that has named the session before has made no calls without the name.
    const mayBeLate = connectionCount > 0 && !this.#named.has(sessionId);
    const keep = (earlier: Earlier | undefined) =>
      keepLatest(this.#named, MAX_NAMED, sessionId, earlier);
    if (!mayBeLate) keep(this.#named.get(sessionId));
    return {
      nameFor: (message, caller) => {
        // A reconnected client repeats its calls before it makes new ones.
        const isFirst = mayBeLate && isKnown(caller) &&
          !this.#named.has(sessionId);
        let earlier = this.#named.get(sessionId);
        if (!isFirst && !earlier) return sessionId;
        const { requestId } = message;
        const fingerprint = fingerprintOf(message, caller);
        if (isFirst) {
          const call = { requestId, fingerprint, since };
          const session = this.#earlier((one) =>
            one.isOf(call, userAgent, maxObservedTimestamp)
          );
          earlier = session && { session, since };
          keep(earlier);
        }
        if (!earlier) return sessionId;
        const call = { requestId, fingerprint, since: earlier.since };
        return earlier.session.nameOf(call) ?? sessionId;
      },
      sent: () => {},
      received: () => {},
      ended: () => {},
    };
  }

  /**
   * Removes and returns the latest nameless session that can be a client's, preferring one whose connection has ended.
   */
  #earlier(
    isIts: (session: NamelessSession) => boolean,
  ): NamelessSession | undefined {
    const found = [...this.#nameless.keys()].filter(isIts).reverse();
    const session = found.find(({ isOpen }) => !isOpen) ?? found[0];
    if (session) this.#nameless.delete(session);
    return session;
  }
}

function isKnown({ identity, isAdmin }: Caller): boolean {
  return identity !== null || isAdmin;
}

/** Identifies a call and its caller. */
function fingerprintOf(
  { udfPath, component, args }: FunctionRequest,
  { identity, isAdmin }: Caller,
): string {
  const hash = new TextHash();
  hash.add(udfPath);
  hash.add(component);
  hash.add(String(isAdmin));
  hash.add(identity?.tokenIdentifier ?? "");
  hash.addValue(args);
  return hash.text();
}
