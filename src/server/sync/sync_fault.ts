/** An error that ends a connection. */
export class SyncFault extends Error {
  /** Error code, which determines the client's backoff. */
  readonly code: string;
  /** Close code of the WebSocket: 1008 for errors of the client, 1013 for overload, 1011 for failures of the server. */
  readonly closeCode: number;

  /** By default, the client is at fault. */
  constructor(
    code: string,
    message: string,
    closeCode = 1008,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.closeCode = closeCode;
  }
}

/** The error for a client that may try again later. */
export function overload(code: string, message: string): SyncFault {
  return new SyncFault(code, message, 1013);
}
