import { exchangeWorkerCode } from "../../src/client/workers/exchange_worker_from_task_setup.gen.ts";

/** A worker of the client's HTTP exchanges that dies on request, and marks its requests by a header. */
export interface MortalExchange {
  /** Module to start it from. */
  url: string;
  /** Ends those that run. */
  kill(): void;
}

/** Makes one; each has workers of its own. */
export function mortalExchange(): MortalExchange {
  const channel = `cortex-${crypto.randomUUID()}`;
  const code =
    `new BroadcastChannel("${channel}").onmessage = () => { throw new Error("killed by the test") };
    const plain = fetch;
    globalThis.fetch = (url, init) =>
      plain(url, { ...init, headers: { ...init.headers, "x-made-in": "worker" } });
    ${exchangeWorkerCode}`;
  return {
    url: `data:text/javascript,${encodeURIComponent(code)}`,
    kill() {
      const sender = new BroadcastChannel(channel);
      sender.postMessage("die");
      sender.close();
    },
  };
}
