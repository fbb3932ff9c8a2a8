/**
 * Mutations and a followed query over WebSockets that lose, repeat, swap, delay and garble messages and break, by a
 * seed. Every promise settles, no mutation runs twice, and in the end the query shows what there is.
 */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { testScale, testSeed } from "../support/test_env.ts";

/** What may go wrong with a message of the server, in 1000. */
const FAULTS = {
  lost: 8,
  repeated: 8,
  swapped: 8,
  delayed: 15,
  garbled: 4,
  breaksBefore: 4,
  breaksAfter: 4,
};
type Fault = keyof typeof FAULTS;

interface Weather {
  chance: Random;
  isCalm: boolean;
  seen: Map<Fault, number>;
}

function choose({ chance, isCalm, seen }: Weather): Fault | undefined {
  let at = chance.below(1000);
  for (const [fault, share] of Object.entries(FAULTS) as [Fault, number][]) {
    at -= share;
    if (at >= 0 || isCalm) continue;
    seen.set(fault, (seen.get(fault) ?? 0) + 1);
    return fault;
  }
}

/** Hands messages on, one after another, with what goes wrong on their way. */
class Way {
  readonly #weather: Weather;
  readonly #deliver: (text: string) => void;
  readonly #breakOff: () => void;
  #held: string | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    weather: Weather,
    deliver: (text: string) => void,
    breakOff: () => void,
  ) {
    this.#weather = weather;
    this.#deliver = deliver;
    this.#breakOff = breakOff;
  }

  take(text: string): void {
    this.#last = this.#last.then(() => this.#hand(text));
  }

  async #hand(text: string): Promise<void> {
    const fault = choose(this.#weather);
    if (fault === "lost") return;
    if (fault === "swapped" && this.#held === undefined) {
      this.#held = text;
      return;
    }
    if (fault === "breaksBefore") return this.#breakOff();
    if (fault === "delayed") {
      await new Promise((done) => setTimeout(done, 30));
    }
    this.#deliver(fault === "garbled" ? `${text.slice(0, -2)}]` : text);
    if (fault === "repeated") this.#deliver(text);
    if (this.#held !== undefined) this.#deliver(this.#held);
    this.#held = undefined;
    if (fault === "breaksAfter") this.#breakOff();
  }
}

/** A class of WebSockets that have the weather between them and the server. */
function socketsIn(weather: Weather): new (url: string) => WebSocket {
  return class {
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: (() => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    readonly #socket: WebSocket;

    constructor(url: string) {
      const socket = this.#socket = new WebSocket(url);
      const breakOff = () => socket.close(4000, "ClientBroken");
      const came = new Way(
        weather,
        (data) => this.onmessage?.({ data }),
        breakOff,
      );
      socket.onopen = () => this.onopen?.();
      socket.onmessage = ({ data }) => came.take(data);
      socket.onerror = () => this.onerror?.();
      socket.onclose = ({ code, reason }) => this.onclose?.({ code, reason });
    }

    get readyState(): number {
      return this.#socket.readyState;
    }

    send(text: string): void {
      if (this.readyState === 1) this.#socket.send(text);
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }
  } as unknown as new (url: string) => WebSocket;
}

Deno.test("live: over sockets that fail in every way mutations run once, and a query comes to show what there is", async () => {
  const seed = testSeed();
  const count = Math.ceil(2000 * testScale());
  console.log(`seed ${seed}, ${count} mutations`);
  const weather: Weather = {
    chance: seededRandom(seed),
    isCalm: false,
    seen: new Map(),
  };
  const engine = openSyncEngine();
  const server = startSyncServer(engine);
  const client = AsyncConvexClient.http(server.url, {
    WebSocket: socketsIn(weather),
  });
  const plain = AsyncConvexClient.http(server.url);
  const query = ["messages:list", { channel: "a" }] as const;
  const seen = new Seen<string[]>();
  client.onUpdate(...query, seen.add as (value: unknown) => void);
  const send = (text: string) =>
    client.mutation("messages:send", { channel: "a", text }, {
      transport: "websocket",
    });
  const sent: string[] = [];
  try {
    while (sent.length < count) {
      const wave = Array.from({ length: 10 }, (_, at) => `${sent.length + at}`);
      const outcomes = Promise.allSettled(wave.map(send));
      // What was lost on the way is found by the next message, or by silence, for which nobody waits here.
      const isLost = Symbol();
      for (;;) {
        const quiet = new Promise((done) => setTimeout(done, 300, isLost));
        if (await Promise.race([outcomes, quiet]) !== isLost) break;
        server.breakConnections();
      }
      for (const outcome of await outcomes) {
        assertEquals(outcome.status, "fulfilled", JSON.stringify(outcome));
      }
      sent.push(...wave);
    }
    weather.isCalm = true;
    server.breakConnections();
    await send("last");
    sent.push("last");
    await seen.until((texts) => texts.length >= sent.length);
    const there = await plain.query(...query) as string[];
    assertEquals(there.toSorted(), sent.toSorted(), `seed ${seed}`);
    assertEquals(seen.last, there, `seed ${seed}`);
    assert(weather.seen.size > 0, [...weather.seen.keys()].join());
  } finally {
    await client.close();
    await plain.close();
    await server.close();
    await engine.close();
  }
});
