const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATE = 8;

/** A file in an archive. */
export interface PackedFile {
  /** Its path in the archive. */
  name: string;
  /** Unpacks it. Throws `TypeError` for what is damaged, or larger than the archive says. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Lists the files of a ZIP archive, without its folders. Throws `TypeError` for what is none, and for its extensions. */
export function readZip(bytes: Uint8Array<ArrayBuffer>): PackedFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  const files: PackedFile[] = [];
  let at = view.getUint32(end + 16, true);
  try {
    for (let left = view.getUint16(end + 10, true); left > 0; left--) {
      if (view.getUint32(at, true) !== CENTRAL_HEADER) throw damaged();
      const method = view.getUint16(at + 10, true);
      const packedBytes = view.getUint32(at + 20, true);
      const length = view.getUint32(at + 24, true);
      const nameLength = view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(
        bytes.subarray(at + 46, at + 46 + nameLength),
      );
      const local = view.getUint32(at + 42, true);
      at += 46 + nameLength + view.getUint16(at + 30, true) +
        view.getUint16(at + 32, true);
      if (name.endsWith("/")) continue;
      files.push({
        name,
        async read() {
          const start = local + 30 + view.getUint16(local + 26, true) +
            view.getUint16(local + 28, true);
          const packed = bytes.subarray(start, start + packedBytes);
          const content = method === DEFLATE
            ? await inflate(packed, length)
            : packed;
          if (
            content.length !== length || ![STORED, DEFLATE].includes(method)
          ) {
            throw damaged(name);
          }
          return content;
        },
      });
    }
  } catch (error) {
    throw error instanceof RangeError ? damaged() : error;
  }
  return files;
}

function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw damaged();
}

function damaged(name?: string): TypeError {
  return new TypeError(
    name === undefined
      ? "the file is no ZIP archive, or a damaged one"
      : `${name.slice(0, 80)} in the ZIP archive is damaged`,
  );
}

async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(length);
  const reader = new Blob([packed]).stream()
    .pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  let at = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return content.subarray(0, at);
      if (at + value.length > length) throw damaged();
      content.set(value, at);
      at += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  }
}
