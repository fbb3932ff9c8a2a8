type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** What `globalRefusal` calls random numbers that no seed determines, as keys and some signatures need them. */
export const RANDOMNESS = "cryptographic randomness";

/** Methods of `crypto.subtle` by name: with which algorithms they draw random numbers that no seed determines. */
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

/** The prototype of the host's `crypto.subtle`; an empty object where there is none, as on pages without TLS. */
export function subtleOf(
  crypto: Crypto | undefined,
): { [method: string]: AnyFunction | undefined } {
  const { subtle } = crypto ?? {};
  return subtle === undefined ? {} : Object.getPrototypeOf(subtle);
}
