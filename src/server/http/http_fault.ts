/** An answer of the server itself instead of a function's: a status, and `{ code, message }` as JSON. */
export class HttpFault extends Error {
  /** Status of the response. */
  readonly status: number;
  /** Short name of what is wrong. */
  readonly code: string;

  /** Builds it. */
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

/** The client has sent what cannot be understood. */
export function badRequest(code: string, message: string): HttpFault {
  return new HttpFault(400, code, message);
}

/** Nothing is to be found at a path. */
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
