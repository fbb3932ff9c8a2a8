/** An answer of the server itself instead of a function's: a status, and `{ code, message }` as JSON. */
export class HttpFault extends Error {
  /** Status of the response. */
  readonly status: number;
  /** Short name of what is wrong. */
  readonly code: string;

  /** Builds it. */
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The client has sent what cannot be understood. */
export function badRequest(code: string, message: string): HttpFault {
  return new HttpFault(400, code, message);
}
