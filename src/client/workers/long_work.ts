import { chunkOf } from "../live/live_chunk.ts";
import { copy } from "../copy_value.ts";
import { encode, unescaped } from "../exchange/encode_text.ts";
import type { ExchangeCall } from "../exchange/http_exchange.ts";
import type { LongWork } from "../live/live_protocol.ts";
import type { ReadReply } from "./worker_socket.ts";
import { nextTurn } from "../wire.ts";
import type { Slicer } from "../slicer.ts";
import type { WorkerPlaces } from "./worker_places.ts";

/** What work on long messages is done with. */
interface Means {
  slicer: Slicer;
  /** Absent on a host without workers, and where none is wanted. */
  places: WorkerPlaces | undefined;
  /** Builds what came. */
  read: ReadReply;
  call: ExchangeCall;
}

/** Works on long messages as on long answers of HTTP: here or in a worker, which may come to hold the WebSocket. */
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
      // In this one the host has made all of it.
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
      // Told twice they do no harm: elsewhere it is not worth the code.
      return places !== undefined && await slicer.run(places.equal(one, other));
    },
    sockets: () => places?.sockets(read),
  };
}
