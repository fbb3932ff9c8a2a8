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
  /** Notes a timestamp that the client was told. */
  told(ts: bigint): void;
}

/** What is known of a client whose connection has not named its session. */
class NamelessSession implements ClientSession {
  readonly #name = crypto.randomUUID();
  readonly #userAgent: UserAgent;
  readonly #calls: Map<number, string> = new Map();
  /** The greatest number of a call. */
  #last = -1;
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
      printOf(message, caller),
    );
    this.#last = Math.max(this.#last, message.requestId);
    return this.#name;
  }

  told(ts: bigint): void {
    keepLatest(this.#told, MAX_NOTES, ts, true);
  }

  /** Whether somebody who has heard of a timestamp, and makes a call again, can be its client. */
  isOf(
    requestId: number,
    print: string,
    userAgent: UserAgent,
    observedTs: bigint | undefined,
  ): boolean {
    return userAgent === this.#userAgent &&
      this.#calls.get(requestId) === print &&
      (observedTs === undefined || this.#told.has(observedTs));
  }

  /** The name for a call of its client, which numbers its calls in order; undefined for one that came later. */
  nameOf({ requestId }: FunctionRequest): string | undefined {
    return requestId <= this.#last ? this.#name : undefined;
  }
}

/**
 * The sessions of a server's clients. A client names its own when it connects. With `expectAuth`, `ConvexClient` leaves
 * that out where its token comes late, and names it on the next connection, where it makes the mutations again that it
 * has no answers to. So that these do not run twice, that client is recognised: by its user, by what it calls again
 * under which number, and by the latest timestamp that it was told.
 *
 * Not recognised are a client without a user, one whose server was started anew between the two connections, one whose
 * token was still being verified for the first when it made the calls on the second, and one that had more calls without
 * an answer, or states on their way, than are remembered. Who names its session at once is always known, for a day.
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
          const print = printOf(message, caller);
          for (const session of this.#nameless.keys()) {
            const isIts = session.isOf(
              message.requestId,
              print,
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
