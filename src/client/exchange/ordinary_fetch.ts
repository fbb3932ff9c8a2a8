/**
 * Makes a check whether a worker's `fetch` behaves like this thread's. It does not in a page, where a worker from a
 * `data:` URL has an origin of its own, nor where a program has replaced `fetch` or configured Node's connections.
 */
export function ordinaryFetch(): () => boolean {
  const isPage = "document" in globalThis || "WorkerLocation" in globalThis;
  let seen: readonly unknown[] = [];
  let isOrdinary = false;
  return () => {
    const now = [globalThis.fetch, dispatcher(1), dispatcher(2)];
    if (now.some((part, at) => part !== seen[at])) {
      seen = now;
      isOrdinary = !isPage && isHosts(globalThis.fetch) &&
        [dispatcher(1), dispatcher(2)].every(isOrdinaryDispatcher);
    }
    return isOrdinary;
  };
}

function isHosts(fetch: unknown): boolean {
  return /\[native code\]|fetchImpl|lazyFetch/.test(String(fetch));
}

/** The object that connects for Node's `fetch`. Packages replace it for proxies and certificates. */
function dispatcher(version: number): object | undefined {
  return (globalThis as { [name: symbol]: object | undefined })[
    Symbol.for(`undici.globalDispatcher.${version}`)
  ];
}

function isOrdinaryDispatcher(dispatcher: object | undefined): boolean {
  if (dispatcher === undefined) return true;
  const { name } = dispatcher.constructor;
  const options = Object.getOwnPropertySymbols(dispatcher)
    .find(({ description }) => description === "options");
  const { connect } =
    (options === undefined
      ? {}
      : (dispatcher as { [name: symbol]: { connect?: unknown } })[options]) ??
      {};
  return (name === "Agent" || name === "Dispatcher1Wrapper") &&
    connect === undefined;
}
