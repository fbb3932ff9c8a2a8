/** The callbacks of one signal, and the listener that calls them. */
interface Watched {
  callbacks: Set<() => void>;
  tell: () => void;
}

/**
 * Listens once to each signal, however many tasks it may give up: that costs less, and Node and Bun warn of a leak when
 * something has more than ten listeners.
 */
export class Signals {
  readonly #all = new Map<AbortSignal, Watched>();

  /**
   * Calls back when a signal is aborted, or at once when it already is. Returns a function that removes the callback.
   */
  whenAborted(
    signal: AbortSignal | undefined,
    callback: () => void,
  ): () => void {
    if (signal?.aborted) callback();
    if (!signal || signal.aborted) return () => {};
    const watched = this.#all.get(signal) ?? this.#watch(signal);
    // Wrapped, so that a function that is added twice is called twice.
    const own = () => callback();
    watched.callbacks.add(own);
    return () => {
      watched.callbacks.delete(own);
      if (watched.callbacks.size > 0) return;
      signal.removeEventListener("abort", watched.tell);
      if (this.#all.get(signal) === watched) this.#all.delete(signal);
    };
  }

  #watch(signal: AbortSignal): Watched {
    const callbacks = new Set<() => void>();
    const tell = () => {
      this.#all.delete(signal);
      for (const callback of callbacks) callback();
    };
    signal.addEventListener("abort", tell, { once: true });
    const watched = { callbacks, tell };
    this.#all.set(signal, watched);
    return watched;
  }
}
