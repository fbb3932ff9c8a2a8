import { chunkOf } from "../live/live_chunk.ts";
import { copy } from "../copy_value.ts";
import { encode, unescaped } from "../exchange/encode_text.ts";
import type { ExchangeCall } from "../exchange/http_exchange.ts";
import type { LongWork } from "../live/live_protocol.ts";
import type { ReadReply } from "./worker_socket.ts";
import { nextTurn } from "../wire.ts";
import type { Slicer } from "../slicer.ts";
import type { WorkerPlaces } from "./worker_places.ts";

/** Parts of the client that work on long messages needs. */
interface Means {
  slicer: Slicer;
  /** Undefined on a host without workers, and when the client must not use any. */
  places: WorkerPlaces | undefined;
  /** Builds the value of a reply. */
  read: ReadReply;
  call: ExchangeCall;
}

/** Processes long messages like long HTTP answers: here, or in a worker, which may then take over the WebSocket. */
export function longWork({ slicer, places, read, call }: Means): LongWork {
  const encoded = (texts: Iterable<string>, length: number) =>
    slicer.run(encode(texts, length), call.signal);
  return {
    async parse(parts, isEscaped) {
      const [first] = parts;
      if (typeof first === "object") return await first.read();
      const texts = parts as readonly string[];
      const json = isEscaped ? undefined : chunkOf(texts[0]!);
      if (json !== undefined) return { json };
      // The host has just built the text, which took long: other work comes first.
      await nextTurn();
      const length = texts.reduce((sum, { length }) => sum + length, 0);
      let body = await encoded(texts, length);
      const decoded = await places?.decode(body, call, isEscaped);
      if (isEscaped && decoded === undefined) {
        body = await encoded(unescaped(body), length);
      }
      const reply = { status: 0, headers: {}, body, ...decoded };
      const answer = await read(reply);
      return { ...answer, move: places?.mover(call.names, length, read) };
    },
    copy: (value) => slicer.run(copy(value)) as Promise<typeof value>,
    async isSame(one, other) {
      // Without workers, an unchanged result may be reported again: harmless, so not worth the code there.
      return places !== undefined && await slicer.run(places.equal(one, other));
    },
    sockets: () => places?.sockets(read),
  };
}
