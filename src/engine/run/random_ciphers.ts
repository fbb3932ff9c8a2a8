type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Name, for `globalRefusal`, of random numbers that no seed determines, as needed for keys and some signatures. */
export const RANDOMNESS = "cryptographic randomness";

/**
 * Methods of `crypto.subtle` that draw random numbers which no seed determines, with the algorithms for which they do.
 */
export const RANDOM_CIPHERS: { [method: string]: RegExp } = {
  generateKey: /^/,
  encrypt: /^RSA-OAEP$/i,
  sign: /^(?:RSA-PSS|ECDSA)$/i,
};

/** Whether a call of such a method, with its arguments, draws random numbers. */
export function drawsRandom(method: string, [algorithm]: unknown[]): boolean {
  const name = typeof algorithm === "string"
    ? algorithm
    : (algorithm as { name?: unknown } | undefined)?.name;
  return RANDOM_CIPHERS[method]!.test(String(name));
}

/** The prototype of the host's `crypto.subtle`; an empty object where there is none, as on insecure pages. */
export function subtleOf(
  crypto: Crypto | undefined,
): { [method: string]: AnyFunction | undefined } {
  const { subtle } = crypto ?? {};
  return subtle === undefined ? {} : Object.getPrototypeOf(subtle);
}
