import { uncaughtText } from "../../engine/functions/thrown.ts";
import type { UserIdentity } from "../../engine/engine.ts";
import { isConvexError, isCortexError } from "../../errors.ts";
import { valueToJson } from "../../values/json.ts";
import { messageOf } from "../../values/message_of.ts";
import type { Value } from "../../values/types.ts";
import { AuthFault, type Callers } from "../auth/callers.ts";
import type { FailureReport } from "../failure_report.ts";
import { headline, isServerFailure } from "../function_error.ts";
import type { HeldBytes } from "../held_bytes.ts";
import { HttpFault } from "./http_fault.ts";
import { limitBody, TOO_MANY_CALLS } from "./request_body.ts";
import { REQUEST_ID, requestIdOf, senderOf } from "../request_sender.ts";
import type { ServedEngine } from "../served_engine.ts";

/** Largest body of a request to an HTTP action, in bytes. */
const MAX_ACTION_BODY_BYTES: number = 20 * 1024 * 1024;

/** Everything that the HTTP actions use. */
export interface ActionServices {
  /** Runs the actions. */
  engine: Pick<ServedEngine, "fetch">;
  /** Verifies tokens. */
  callers: Callers;
  /** Whether to hide details of failures from clients. */
  redactErrors: boolean;
  /** Receives failures of the server itself. */
  report: FailureReport;
  /** Memory for the bodies of all requests. */
  held: HeldBytes;
}

/** Answers requests with the HTTP actions of an engine. */
export class HttpActions {
  readonly #services: ActionServices;

  /** Begins without requests. */
  constructor(services: ActionServices) {
    this.#services = services;
  }

  /**
   * Answers a request, which the action sees under the given URL. What an action throws becomes a response with status
   * 500. Throws `HttpFault`.
   */
  async answer(
    request: Request,
    url: URL,
    ip: string | null,
  ): Promise<Response> {
    const { engine, held, redactErrors, report } = this.#services;
    const requestId = requestIdOf(request);
    const { identity, refusal } = await this.#identityOf(request);
    const sender = { ...senderOf(request, requestId, ip), refusal };
    const hold = held.begin();
    const limited = limitBody(request, asSent(url, request.headers), {
      maxBytes: MAX_ACTION_BODY_BYTES,
      added: { [REQUEST_ID]: requestId },
      admits: hold.add,
    });
    try {
      return await engine.fetch(limited.request, { identity, sender });
    } catch (error) {
      if (limited.isRefused()) {
        throw new HttpFault(503, "Overloaded", TOO_MANY_CALLS);
      }
      if (limited.isOver()) {
        throw new HttpFault(
          413,
          "RequestTooLarge",
          `The body must be at most ${MAX_ACTION_BODY_BYTES} bytes`,
        );
      }
      if (isServerFailure(error)) report(error);
      return failureResponse(error, requestId, redactErrors);
    } finally {
      hold.release();
    }
  }

  /** The user of a request, or why there is none. */
  async #identityOf(
    request: Request,
  ): Promise<{ identity: UserIdentity | null; refusal: string | null }> {
    try {
      const { identity } = await this.#services.callers.ofRequest(request);
      return { identity, refusal: null };
    } catch (error) {
      // The header may not be meant for Convex: the action fails only if it asks for the identity.
      if (!(error instanceof AuthFault)) throw error;
      return { identity: null, refusal: error.message };
    }
  }
}

/** The URL with the scheme that the client has used, if there is a proxy in front of the server. */
function asSent(url: URL, headers: Headers): URL {
  const proto = headers.get("x-forwarded-proto") ??
    /(?:^|[;,\s])proto="?([a-z]+)/i.exec(headers.get("forwarded") ?? "")?.[1];
  const [, scheme] = /^\s*(https?)\s*(?:,|$)/i.exec(proto ?? "") ?? [];
  const sent = new URL(url);
  if (scheme) sent.protocol = scheme;
  return sent;
}

function failureResponse(
  error: unknown,
  requestId: string,
  redactErrors: boolean,
): Response {
  const cause = isCortexError(error) && error.code === "FUNCTION_ERROR"
    ? error.cause ?? error
    : error;
  const body: { code: string; trace?: string; data?: unknown } = redactErrors
    ? { code: headline(requestId) }
    : {
      code: `${headline(requestId)}: ${messageOf(cause)}`,
      trace: uncaughtText(cause),
    };
  if (isConvexError(error)) body.data = valueToJson(error.data as Value);
  return new Response(JSON.stringify(body), {
    status: 500,
    headers: { "content-type": "application/json" },
  });
}
