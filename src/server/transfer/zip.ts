/** A file to be put into an archive. */
export interface ZipEntry {
  /** Its path in the archive. */
  name: string;
  /** Its content. */
  content: AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
}

/** A file in an archive. */
export interface PackedFile {
  /** Its path in the archive. */
  name: string;
  /** Unpacks it. Throws `TypeError` if it is damaged, or if the archive unpacks to too much. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The part of the package `@zip.js/zip.js` that is used. */
interface Zip {
  configure(options: { useWebWorkers: boolean }): void;
  Uint8ArrayReader: new (bytes: Uint8Array) => unknown;
  ZipReader: new (source: unknown) => {
    getEntries(): Promise<{
      filename: string;
      directory: boolean;
      getData(
        target: WritableStream<Uint8Array<ArrayBuffer>>,
        options: { checkSignature: boolean },
      ): Promise<unknown>;
    }[]>;
  };
  ZipWriter: new (target: WritableStream<Uint8Array<ArrayBuffer>>) => {
    add(
      name: string,
      content: ReadableStream<Uint8Array<ArrayBuffer>>,
    ): Promise<unknown>;
    close(): Promise<unknown>;
  };
}

/** Writes a ZIP archive as fast as it is read. Cancelling the stream ends the entry being packed. */
export function writeZip(
  entries: AsyncIterable<ZipEntry>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const pack = async () => {
    const { ZipWriter } = await load();
    const writer = new ZipWriter(writable);
    for await (const { name, content } of entries) {
      await writer.add(name, streamOf(content));
    }
    await writer.close();
  };
  pack().catch((error) => writable.abort(error).catch(() => {}));
  return readable;
}

/**
 * Lists the files of a ZIP archive, without folders. Throws `TypeError` for bytes that are no archive.
 *
 * @param maxBytes Limit of the unpacked size of all files: a few bytes may unpack to more than there is memory.
 */
export async function readZip(
  bytes: Uint8Array,
  maxBytes: number = Infinity,
): Promise<PackedFile[]> {
  const { Uint8ArrayReader, ZipReader } = await load();
  const archive = new ZipReader(new Uint8ArrayReader(bytes));
  const entries = await archive.getEntries().catch((error) => {
    throw new TypeError(
      "the file is not a ZIP archive, or is damaged",
      { cause: error },
    );
  });
  let unpacked = 0;
  return entries.filter(({ directory }) => !directory).map((entry) => ({
    name: entry.filename,
    async read() {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      const target = new WritableStream<Uint8Array<ArrayBuffer>>({
        write(piece) {
          unpacked += piece.length;
          if (unpacked > maxBytes) throw new Error("there is too much");
          pieces.push(piece);
        },
      });
      try {
        await entry.getData(target, { checkSignature: true });
      } catch (cause) {
        throw new TypeError(
          unpacked > maxBytes
            ? `the ZIP archive unpacks to more than ${maxBytes} bytes`
            : `${entry.filename.slice(0, 80)} in the ZIP archive is damaged`,
          { cause },
        );
      }
      return new Uint8Array(await new Blob(pieces).arrayBuffer());
    },
  }));
}

/** A stream of a generator; cancelling the stream ends the generator. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  }, { highWaterMark: 0 });
}

async function load(): Promise<Zip> {
  const { zip } = await import("./zip_from_task_setup.gen.ts");
  const loaded = zip() as Zip;
  loaded.configure({ useWebWorkers: false });
  return loaded;
}
