/**
 * Parts of the host, captured before a test replaces them.
 *
 * @module
 */

/** The host's `setTimeout`: what a function waits for may need turns of the real event loop, not of a fake clock. */
export const realSetTimeout: typeof setTimeout = globalThis.setTimeout;

/** The host's `clearTimeout`. */
export const realClearTimeout: typeof clearTimeout = globalThis.clearTimeout;

const { crypto } = globalThis;
const getRandomValues = crypto?.getRandomValues;

/** Fills an array with random bytes of the host: tests may stub `crypto` with nothing but a `randomUUID`. */
export function realRandom(bytes: Uint8Array<ArrayBuffer>): void {
  getRandomValues.call(crypto, bytes);
}
