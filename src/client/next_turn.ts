/** Resolves when the event loop has had a turn. */
export function nextTurn(): Promise<void> {
  const { setImmediate, document } = globalThis as {
    setImmediate?: (done: () => void) => void;
    document?: unknown;
  };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) return setImmediate(resolve);
    // Pages make timers wait for 4 ms when they follow one another.
    if (document === undefined) return setTimeout(resolve, 0);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
