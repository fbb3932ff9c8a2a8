/**
 * The host's own timers, captured before a test installs fake ones: what a function waits for may need turns of the
 * real event loop.
 *
 * @module
 */

/** The host's `setTimeout`. */
export const realSetTimeout: typeof setTimeout = globalThis.setTimeout;

/** The host's `clearTimeout`. */
export const realClearTimeout: typeof clearTimeout = globalThis.clearTimeout;
