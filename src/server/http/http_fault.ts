/**
 * An error that the server itself answers with: a status, and `{ code, message }` as JSON.
 *
 * @example
 * ```ts
 * import { DeploymentAdmin, HttpFault, type PushTaker } from "@cortex/memory/server";
 *
 * const push: PushTaker = {
 *   take: (step) => Promise.reject(new HttpFault(400, "NoPush", `${step}: push elsewhere`)),
 * };
 * const admin = new DeploymentAdmin({ modules: {}, push });
 * console.log(Object.keys(admin.functions()).length);
 * ```
 */
export class HttpFault extends Error {
  /** Status of the response. */
  readonly status: number;
  /** Error code, such as `BadJsonBody`. */
  readonly code: string;

  /** Takes an HTTP status from 400 on, a code, and a message for the client. A cause is not shown. */
  constructor(
    status: number,
    code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** The fault for a request that cannot be understood. */
export function badRequest(code: string, message: string): HttpFault {
  return new HttpFault(400, code, message);
}

/** The fault for a path without an endpoint. */
export function notServed(pathname: string): HttpFault {
  return new HttpFault(
    404,
    "NotFound",
    `Nothing is served at ${pathname.slice(0, 80)}`,
  );
}

/** Throws unless a request has one of the methods. */
export function requireMethod(request: Request, ...methods: string[]): void {
  if (methods.includes(request.method)) return;
  throw new HttpFault(
    405,
    "MethodNotAllowed",
    `Only ${methods.join(" or ")} is served here; got ${request.method}`,
  );
}
