import type { Random } from "../../src/testing/support/random.ts";

/** What is between a client and the server. */
export interface Weather {
  chance: Random;
  isCalm: boolean;
  breaks: number;
}

/** A class of WebSockets whose messages take their time, in order, and which break now and then. */
export function socketsIn(weather: Weather): typeof WebSocket {
  /** Hands messages on, one after another. */
  const wayTo = (deliver: (text: string) => void, breakOff: () => void) => {
    let last: Promise<void> = Promise.resolve();
    return (text: string) => {
      last = last.then(async () => {
        const { chance, isCalm } = weather;
        if (chance.below(4) === 0) {
          await new Promise((done) => setTimeout(done, chance.below(6)));
        }
        const isBroken = !isCalm && chance.below(150) === 0;
        if (isBroken) weather.breaks++;
        if (isBroken && chance.below(2) === 0) return breakOff();
        deliver(text);
        if (isBroken) breakOff();
      });
    };
  };
  return class {
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    readonly #socket: WebSocket;
    readonly #out: (text: string) => void;
    #isOver = false;

    constructor(url: string) {
      const socket = this.#socket = new WebSocket(url);
      const end = (code: number, reason: string) => {
        if (this.#isOver) return;
        this.#isOver = true;
        socket.close();
        this.onclose?.({ code, reason });
      };
      const breakOff = () => end(1006, "");
      const come = wayTo(
        (data) => this.#isOver || this.onmessage?.({ data }),
        breakOff,
      );
      this.#out = wayTo(
        (text) => this.readyState === 1 && socket.send(text),
        breakOff,
      );
      socket.onopen = () => this.onopen?.();
      socket.onmessage = ({ data }) => come(data);
      socket.onerror = (event) => this.onerror?.(event);
      socket.onclose = ({ code, reason }) => end(code, reason);
    }

    get readyState(): number {
      return this.#isOver ? 3 : this.#socket.readyState;
    }

    send(text: string): void {
      this.#out(text);
    }

    close(): void {
      this.#isOver = true;
      this.#socket.close();
      const { onclose } = this;
      queueMicrotask(() => onclose?.({ code: 1000, reason: "" }));
    }
  } as unknown as typeof WebSocket;
}
