import type { CallSettings } from "../../engine/engine.ts";
import { stringifyValue } from "../../values/json.ts";
import { startIdleInterval } from "./idle_interval.ts";
import type { ServedEngine } from "../served_engine.ts";
import { tablePages, userTables } from "../admin/table_data.ts";
import { writeZip, type ZipEntry } from "./zip.ts";

/** Limits of a page of an export. */
const PAGE = { numItems: 4096, maximumBytesRead: 4 << 20 };
/** Bytes of a file that are read at once. */
const PIECE_BYTES = 1 << 20;
/** How often to renew the hold on the exported state, in ms: the engine keeps it for 30 s. */
const HOLD_EVERY_MS = 10_000;

/**
 * Every table at one timestamp as a ZIP archive, in the layout of `npx convex export`: `TABLE/documents.jsonl`, files
 * in `_storage`, data of components below `_components/NAME`. Values are encoded as on the wire, without loss. However
 * slowly the archive is read, the state is kept until it ends, fails or is cancelled.
 */
export function exportZip(
  engine: ServedEngine,
  components: readonly string[],
  includeStorage: boolean,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const state = new HeldState(engine);
  async function* entries(): AsyncGenerator<ZipEntry, void> {
    // A slow client may take more than 30 s for one page or file.
    const stop = startIdleInterval(() => state.hold(), HOLD_EVERY_MS);
    try {
      for (const component of components) {
        const prefix = folderOf(component);
        const tables = userTables(engine, component);
        if (includeStorage) tables.push("_storage");
        for (const table of tables) {
          const content = state.lines(component, table);
          yield { name: `${prefix}${table}/documents.jsonl`, content };
        }
        if (includeStorage) yield* state.files(component, prefix);
      }
    } finally {
      stop();
    }
  }
  return writeZip(entries());
}

/** The data at the present timestamp, as long as it is held. */
class HeldState {
  readonly #engine: ServedEngine;
  readonly #ts: bigint;

  constructor(engine: ServedEngine) {
    this.#engine = engine;
    this.#ts = engine.holdTimestamp();
  }

  /** Keeps it readable for another 30 s. */
  hold(): void {
    this.#engine.holdTimestamp(this.#ts);
  }

  #settings(component: string): CallSettings {
    this.hold();
    return { ts: this.#ts, component, mayCallInternal: true };
  }

  #pages(component: string, table: string) {
    return tablePages(
      this.#engine,
      { table, order: "asc", page: PAGE },
      () => this.#settings(component),
    );
  }

  /** The documents of a table, one per line. */
  async *lines(component: string, table: string) {
    for await (const page of this.#pages(component, table)) {
      const text = page.map((document) => `${stringifyValue(document)}\n`);
      yield new TextEncoder().encode(text.join(""));
    }
  }

  /** The files of a component; `prefix` precedes their names. */
  async *files(component: string, prefix: string) {
    for await (const page of this.#pages(component, "_storage")) {
      for (const { _id, size } of page) {
        const { value: name } = await this.#engine.run(
          "query",
          "_system/cli/exports:fileName",
          { id: _id },
          this.#settings(component),
        );
        this.hold();
        const file = await this.#engine.files.open(String(name), this.#ts);
        const content = piecesOf(Number(size), (start, end) => {
          this.hold();
          return file!.read(start, end);
        });
        yield { name: `${prefix}_storage/${_id}`, content };
      }
    }
  }
}

/** The folder of a component in an archive, such as `_components/workflow/_components/workpool/`. */
export function folderOf(component: string): string {
  if (component === "") return "";
  return component.split("/").map((name) => `_components/${name}/`).join("");
}

async function* piecesOf(
  size: number,
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for (let at = 0; at < size; at += PIECE_BYTES) {
    yield await read(at, Math.min(at + PIECE_BYTES, size));
  }
}
