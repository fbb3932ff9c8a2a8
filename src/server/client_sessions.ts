import { stringifyValue } from "../values/json.ts";
import type { Caller } from "./callers.ts";
import { keepLatest } from "./keep_latest.ts";
import type { FunctionRequest } from "./sync_messages.ts";

/** Sessions that are remembered: that have a name, and that have none. */
const MAX_NAMED = 10_000;
const MAX_NAMELESS = 1000;
/** Calls, and timestamps told, that are remembered of one that has no name. */
const MAX_NOTES = 64;
/** Characters at each end of a call's text by which it is told from others. */
const MAX_END = 256;

/** What a client said of itself when it connected. */
type UserAgent = string | null | undefined;

/** The session of one connection, under whose name the answers to its mutations are kept. */
export interface ClientSession {
  /** The name for a mutation. */
  nameFor(message: FunctionRequest, caller: Caller): string;
  /** Notes a timestamp that the client was told. */
  told(ts: bigint): void;
}

/** What is known of a client whose connection has not named its session. */
class NamelessSession implements ClientSession {
  readonly #name = crypto.randomUUID();
  readonly #userAgent: UserAgent;
  readonly #calls: Map<number, string> = new Map();
  readonly #told: Map<bigint, true> = new Map();
  readonly #remember: (session: NamelessSession) => void;

  constructor(
    userAgent: UserAgent,
    remember: (session: NamelessSession) => void,
  ) {
    this.#userAgent = userAgent;
    this.#remember = remember;
  }

  nameFor(message: FunctionRequest, caller: Caller): string {
    // Of nobody known it cannot be told who comes again: somebody else would get the answers.
    if (!isKnown(caller)) return this.#name;
    if (this.#calls.size === 0) this.#remember(this);
    keepLatest(
      this.#calls,
      MAX_NOTES,
      message.requestId,
      textOf(message, caller),
    );
    return this.#name;
  }

  told(ts: bigint): void {
    keepLatest(this.#told, MAX_NOTES, ts, true);
  }

  /** Whether somebody who has heard of a timestamp, and makes a call again, can be its client. */
  isOf(
    message: FunctionRequest,
    caller: Caller,
    userAgent: UserAgent,
    observedTs: bigint | undefined,
  ): boolean {
    return userAgent === this.#userAgent &&
      this.#calls.get(message.requestId) === textOf(message, caller) &&
      (observedTs === undefined || this.#told.has(observedTs));
  }

  /** The name for a call of its client, which numbers its calls in order; undefined for one that came later. */
  nameOf({ requestId }: FunctionRequest): string | undefined {
    return requestId <= Math.max(...this.#calls.keys())
      ? this.#name
      : undefined;
  }
}

/**
 * The sessions of a server's clients. A client names its own when it connects. With `expectAuth`, `ConvexClient` leaves
 * that out where its token comes late, and names it on the next connection, where it makes the mutations again that it
 * has no answers to. So that these do not run twice, that client is recognised: by its user, by what it calls again
 * under which number, and by the latest timestamp that it was told. A client without a user is not.
 */
export class ClientSessions {
  readonly #nameless: Map<NamelessSession, true> = new Map();
  readonly #named: Map<string, NamelessSession | undefined> = new Map();

  /** Begins the session of a connection that names none. */
  nameless({ userAgent }: { userAgent?: UserAgent }): ClientSession {
    return new NamelessSession(
      userAgent,
      (session) => keepLatest(this.#nameless, MAX_NAMELESS, session, true),
    );
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
    // Who has named it before has run nothing without its name.
    const mayBeLate = connectionCount > 0 && !this.#named.has(sessionId);
    const keep = (earlier: NamelessSession | undefined) =>
      keepLatest(this.#named, MAX_NAMED, sessionId, earlier);
    if (!mayBeLate) keep(this.#named.get(sessionId));
    return {
      nameFor: (message, caller) => {
        let earlier = this.#named.get(sessionId);
        // What it makes again comes first.
        if (mayBeLate && isKnown(caller) && !this.#named.has(sessionId)) {
          for (const session of this.#nameless.keys()) {
            const isIts = session.isOf(
              message,
              caller,
              userAgent,
              maxObservedTimestamp,
            );
            if (isIts) earlier = session;
          }
          if (earlier) this.#nameless.delete(earlier);
          keep(earlier);
        }
        return earlier?.nameOf(message) ?? sessionId;
      },
      told: () => {},
    };
  }
}

function isKnown({ identity, isAdmin }: Caller): boolean {
  return identity !== null || isAdmin;
}

function textOf(
  { udfPath, component, args }: FunctionRequest,
  { identity, isAdmin }: Caller,
): string {
  const text = stringifyValue(args);
  return JSON.stringify([
    udfPath,
    component,
    isAdmin,
    identity?.tokenIdentifier,
    text.length,
    text.slice(0, MAX_END),
    text.slice(-MAX_END),
  ]);
}
