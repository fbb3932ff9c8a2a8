/** A file to be put into an archive. */
export interface ZipEntry {
  /** Its path in the archive. */
  name: string;
  /** Its content. */
  content: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

interface WrittenEntry {
  name: Uint8Array<ArrayBuffer>;
  crc: number;
  packedBytes: number;
  bytes: number;
  offset: number;
}

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Sizes follow the content, names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** The first of January 1980, which the format begins with. */
const DATE = 0x21;
const MAX_BYTES = 0xffffffff;
const MAX_ENTRIES = 0xffff;

/** Writes a ZIP archive, piece by piece. Throws `RangeError` for more than the format without its extensions can hold. */
export async function* writeZip(
  entries: AsyncIterable<ZipEntry>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const table = crcTable();
  const written: WrittenEntry[] = [];
  let offset = 0;
  const count = (piece: Uint8Array<ArrayBuffer>) => {
    offset += piece.length;
    if (offset > MAX_BYTES) {
      throw new RangeError(`the archive has over ${MAX_BYTES} bytes`);
    }
    return piece;
  };
  for await (const { name, content } of entries) {
    const entry: WrittenEntry = {
      name: new TextEncoder().encode(name),
      crc: 0xffffffff,
      packedBytes: 0,
      bytes: 0,
      offset,
    };
    yield count(record([
      [4, LOCAL_HEADER],
      ...headerOf({ ...entry, crc: 0 }),
      [2, 0],
    ], entry.name));
    const measured = measure(content, entry, table);
    for await (const piece of deflate(measured)) {
      entry.packedBytes += piece.length;
      yield count(piece);
    }
    entry.crc = (entry.crc ^ 0xffffffff) >>> 0;
    yield count(record([
      [4, DESCRIPTOR],
      [4, entry.crc],
      [4, entry.packedBytes],
      [4, entry.bytes],
    ]));
    written.push(entry);
  }
  if (written.length > MAX_ENTRIES) {
    throw new RangeError(`the archive has over ${MAX_ENTRIES} files`);
  }
  const directoryAt = offset;
  for (const entry of written) {
    yield count(record([
      [4, CENTRAL_HEADER],
      [2, VERSION],
      ...headerOf(entry),
      // No extra field, comment, disk or attributes.
      ...[2, 2, 2, 2, 4].map((width): [number, number] => [width, 0]),
      [4, entry.offset],
    ], entry.name));
  }
  const { length } = written;
  yield record([
    [4, END],
    [2, 0],
    [2, 0],
    [2, length],
    [2, length],
    [4, offset - directoryAt],
    [4, directoryAt],
    [2, 0],
  ]);
}

/** What both headers of an entry tell, up to the length of its name. */
function headerOf(
  { crc, packedBytes, bytes, name }: WrittenEntry,
): [width: number, value: number][] {
  return [
    [2, VERSION],
    [2, FLAGS],
    [2, DEFLATE],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, packedBytes],
    [4, bytes],
    [2, name.length],
  ];
}

/** Numbers of two or four bytes, the least first, and what follows them. */
function record(
  fields: readonly [width: number, value: number][],
  tail: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const length = fields.reduce((sum, [width]) => sum + width, 0);
  const bytes = new Uint8Array(length + tail.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  bytes.set(tail, at);
  return bytes;
}

async function* measure(
  content: AsyncIterable<Uint8Array<ArrayBuffer>>,
  entry: WrittenEntry,
  table: Uint32Array,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const piece of content) {
    let { crc } = entry;
    for (let at = 0; at < piece.length; at++) {
      crc = table[(crc ^ piece[at]!) & 255]! ^ crc >>> 8;
    }
    entry.crc = crc;
    entry.bytes += piece.length;
    yield piece;
  }
}

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, at) => {
    let crc = at;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
    }
    return crc;
  });
}

async function* deflate(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = source.pipeThrough(new CompressionStream("deflate-raw"))
    .getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value as Uint8Array<ArrayBuffer>;
  }
}
