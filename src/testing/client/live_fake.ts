import {
  AsyncConvexClient,
  type AsyncConvexClientOptions,
} from "../../client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../client/http/http_source.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** A message as it was sent. */
export interface SentMessage {
  baseVersion?: number;
  /** Its kind, such as `Connect`. */
  type: string;
  /** The token of an `Authenticate`. */
  value?: string;
  /** The changes of a `ModifyQuerySet`. */
  modifications?: { type: string; queryId: number }[];
  /** The function of a call. */
  udfPath?: string;
  /** The number of a call. */
  requestId?: number;
}

/** One WebSocket for which the case plays the server. */
export interface ScriptedSocket {
  /** What the client has sent. */
  sent: SentMessage[];
  /** Whether it is open. */
  isOpen(): boolean;
  /** Sends a message to the client. */
  say(message: unknown): void;
  /** Closes the socket, as a network failure would; the client reconnects soon. */
  breakOff(code?: number, error?: string): void;
}

/** WebSockets that open at once and are controlled by a case. */
export interface ScriptedSockets {
  /** Pass this to the client. */
  WebSocket: NonNullable<HttpSourceOptions["WebSocket"]>;
  /** The sockets that were made. */
  made: ScriptedSocket[];
}

/** Makes a class of scripted WebSockets; `onMessage` is called with each message. */
export function scriptedSockets(
  onMessage: (message: SentMessage, socket: ScriptedSocket) => void = () => {},
): ScriptedSockets {
  const made: ScriptedSocket[] = [];
  class Socket implements ScriptedSocket {
    readonly sent: SentMessage[] = [];
    readyState = 0;
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: ((event: { message: string }) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;

    constructor() {
      made.push(this);
      setTimeout(() => {
        if (this.readyState > 0) return;
        this.readyState = 1;
        this.onopen?.();
      }, 0);
    }

    isOpen(): boolean {
      return this.readyState === 1;
    }

    send(text: string): void {
      const message = JSON.parse(text);
      this.sent.push(message);
      onMessage(message, this);
    }

    say(message: unknown): void {
      this.onmessage?.({ data: JSON.stringify(message) });
    }

    breakOff(code = 4000, error?: string): void {
      if (error !== undefined) this.onerror?.({ message: error });
      this.close(code, "ClientBroken");
    }

    close(code = 1000, reason = ""): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }
  }
  return { WebSocket: Socket as unknown as ScriptedSockets["WebSocket"], made };
}

/** The timestamp that every client starts with. */
export const ZERO = "AAAAAAAAAAA=";

/** A token that was issued at the time 1000. */
export function endingAt(exp: number): string {
  return `${btoa("{}")}.${btoa(JSON.stringify({ iat: 1000, exp }))}.x`;
}

/** A transition that changes nothing but the query set. */
export function transition(querySet: number, modifications: unknown[]) {
  const version = { querySet: 0, identity: 0, ts: ZERO };
  return {
    type: "Transition",
    startVersion: version,
    endVersion: { ...version, querySet },
    modifications,
  };
}

/** The first result of the only query. */
export function updated(value: unknown) {
  return transition(1, [{ type: "QueryUpdated", queryId: 0, value }]);
}

/** A transition that only confirms a version of the identity. */
export function identified(identity: number) {
  const { startVersion, ...rest } = transition(0, []);
  return { ...rest, startVersion, endVersion: { ...startVersion, identity } };
}

/** Options of a call over the socket. */
export const overSocket = { transport: "websocket" } as const;

/** A client whose sockets are scripted. */
export function openClient(
  { WebSocket }: Pick<ScriptedSockets, "WebSocket">,
  options: HttpSourceOptions & AsyncConvexClientOptions = {},
): AsyncConvexClient {
  return AsyncConvexClient.http("http://x.test", { WebSocket, ...options });
}

/** A case with one client and its sockets, open in order. */
export function scriptCase(
  name: string,
  run: (client: AsyncConvexClient, made: ScriptedSocket[]) => Promise<void>,
  onMessage?: Parameters<typeof scriptedSockets>[0],
  options?: HttpSourceOptions,
): ContractCase<void> {
  return {
    name: `live: ${name}`,
    async run() {
      const sockets = scriptedSockets(onMessage);
      await using client = openClient(sockets, options);
      await run(client, sockets.made);
    },
  };
}

/** Waits until a condition holds. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(2);
}

/** Tokens that a socket received; `undefined` for anonymous. */
export function identities({ sent }: ScriptedSocket): (string | undefined)[] {
  return sent.filter(({ type }) => type === "Authenticate")
    .map(({ value }) => value);
}

/** A provider of tokens that a case controls. */
export function slowToken(token: string) {
  let give = () => {};
  const given = new Promise<string>((resolve) => give = () => resolve(token));
  return { provider: () => given, give };
}

/** The answer to a mutation by its number. */
export function mutationAnswer(requestId: number) {
  const [type, success, result, ts] = ["MutationResponse", true, null, ZERO];
  return { type, requestId, success, result, ts };
}
