import { TextHash } from "../../values/text_hash.ts";
import type { Caller } from "../auth/callers.ts";
import { keepLatest } from "../keep_latest.ts";
import type { FunctionRequest } from "./sync_messages.ts";

/** Sessions that are remembered: that have a name, and that have none. */
const MAX_NAMED = 10_000;
const MAX_NAMELESS = 1000;
/**
 * Calls, and timestamps told, that are remembered of one that has no name. A client makes all calls again that it has no
 * answers to, from the first one on: as many as may wait.
 */
const MAX_NOTES = 1024;

/** What a client said of itself when it connected. */
type UserAgent = string | null | undefined;

/** The session of one connection, under whose name the answers to its mutations are kept. */
export interface ClientSession {
  /** The name for a mutation, when it comes and not when its turn comes: it may come again before. */
  nameFor(message: FunctionRequest, caller: Caller): string;
  /** Records a timestamp that the client was sent. */
  told(ts: bigint): void;
  /** Notes that the client has sent something. */
  heard(): void;
  /** Notes that the connection is over. */
  ended(): void;
}

/** What a session without a name needs of the others. */
interface Sessions {
  /** How many named connections there have been, which says what was before what. */
  count(): number;
  /** Has the session looked for when a client comes again. */
  remember(session: NamelessSession): void;
}

/** The session that a client had before it named its own. */
interface Earlier {
  session: NamelessSession;
  /** The number of the connection that named it first. */
  since: number;
}

/** What is known of a client whose connection has not named its session. */
class NamelessSession implements ClientSession {
  readonly #name = crypto.randomUUID();
  readonly #userAgent: UserAgent;
  readonly #calls: Map<number, string> = new Map();
  readonly #told: Map<bigint, true> = new Map();
  readonly #sessions: Sessions;
  /** How many named connections there had been when the client sent something last. */
  #heardAt: number;
  #isOpen = true;

  constructor(userAgent: UserAgent, sessions: Sessions) {
    this.#userAgent = userAgent;
    this.#sessions = sessions;
    this.#heardAt = sessions.count();
  }

  /** Whether its connection is open still, or seems to be: the server may not know yet. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  nameFor(message: FunctionRequest, caller: Caller): string {
    // Anonymous callers cannot be recognised: others would get their answers.
    if (!isKnown(caller)) return this.#name;
    if (this.#calls.size === 0) this.#sessions.remember(this);
    keepLatest(
      this.#calls,
      MAX_NOTES,
      message.requestId,
      printOf(message, caller),
    );
    return this.#name;
  }

  told(ts: bigint): void {
    keepLatest(this.#told, MAX_NOTES, ts, true);
  }

  heard(): void {
    const now = this.#sessions.count();
    if (now === this.#heardAt) return;
    this.#heardAt = now;
    // Whoever was taken for its client in the meantime is not: that one may come yet.
    if (this.#calls.size > 0) this.#sessions.remember(this);
  }

  ended(): void {
    this.#isOpen = false;
  }

  /** Whether somebody who has heard of a timestamp, and makes a call again, can be its client. */
  isOf(
    requestId: number,
    print: string,
    since: number,
    userAgent: UserAgent,
    observedTs: bigint | undefined,
  ): boolean {
    return userAgent === this.#userAgent &&
      this.nameOf(requestId, print, since) !== undefined &&
      (observedTs === undefined || this.#told.has(observedTs));
  }

  /**
   * The name for a call that is made again; undefined for any other one. Who still sends something here when a connection
   * has named itself has not made that one.
   */
  nameOf(requestId: number, print: string, since: number): string | undefined {
    const isAgain = this.#heardAt < since &&
      this.#calls.get(requestId) === print;
    return isAgain ? this.#name : undefined;
  }
}

/**
 * The sessions of a server's clients. A client names its own when it connects. With `expectAuth`, `ConvexClient` leaves
 * that out where its token comes late, and names it on the next connection, where it makes the mutations again that it
 * has no answers to. So that these do not run twice, that client is recognised: by its user, by what it calls again
 * under which number, by the latest timestamp that it was told, and by its silence on the first connection. A call
 * that may be another one runs: a lost write is worse than a doubled one.
 *
 * Not recognised are a client without a user, one whose server was started anew between the two connections, one whose
 * token was still being verified for the first when it made the calls on the second, and one that had more calls without
 * an answer, or states on their way, than are remembered. Who names its session at once is always known, for a day.
 */
export class ClientSessions {
  readonly #nameless: Map<NamelessSession, true> = new Map();
  readonly #named: Map<string, Earlier | undefined> = new Map();
  #count = 0;

  /** Begins the session of a connection that names none. */
  nameless({ userAgent }: { userAgent?: UserAgent }): ClientSession {
    return new NamelessSession(userAgent, {
      count: () => this.#count,
      remember: (session) =>
        keepLatest(this.#nameless, MAX_NAMELESS, session, true),
    });
  }

  /** Begins or goes on with a session that is named. */
  named(
    { sessionId, connectionCount, maxObservedTimestamp }: {
      sessionId: string;
      connectionCount: number;
      maxObservedTimestamp: bigint | undefined;
    },
    { userAgent }: { userAgent?: UserAgent },
  ): ClientSession {
    const since = ++this.#count;
    // Who has named it before has run nothing without its name.
    const mayBeLate = connectionCount > 0 && !this.#named.has(sessionId);
    const keep = (earlier: Earlier | undefined) =>
      keepLatest(this.#named, MAX_NAMED, sessionId, earlier);
    if (!mayBeLate) keep(this.#named.get(sessionId));
    return {
      nameFor: (message, caller) => {
        // What it makes again comes first.
        const isFirst = mayBeLate && isKnown(caller) &&
          !this.#named.has(sessionId);
        let earlier = this.#named.get(sessionId);
        if (!isFirst && !earlier) return sessionId;
        const { requestId } = message;
        const print = printOf(message, caller);
        if (isFirst) {
          const session = this.#earlier((one) =>
            one.isOf(requestId, print, since, userAgent, maxObservedTimestamp)
          );
          earlier = session && { session, since };
          keep(earlier);
        }
        return earlier?.session.nameOf(requestId, print, earlier.since) ??
          sessionId;
      },
      told: () => {},
      heard: () => {},
      ended: () => {},
    };
  }

  /** Takes out the latest nameless session that can be a client's, rather one whose connection is over. */
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

/** What a call and who makes it are told by from others. */
function printOf(
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
