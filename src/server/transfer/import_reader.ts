import type { ImportedData, ImportedTable } from "../../engine/engine.ts";
import { checksumOf } from "../../engine/files/checksum.ts";
import { isIdentifier } from "../../engine/schema/catalog.ts";
import { formatJson } from "../../values/format_json.ts";
import type { Value } from "../../values/types.ts";
import { type ImportedRow, rowsOf } from "./import_rows.ts";
import { type PackedFile, readZip } from "./zip.ts";

/** Request of `npx convex import`. */
export interface ImportPlan {
  /** Table of the rows; not for an archive, which names its tables. */
  tableName?: string;
  /** Path of the component. Default: the app. */
  componentPath?: string;
  /** How to treat existing documents, one of `MODES`. */
  mode: string;
  /** Format of the file. */
  format: string;
}

/** Path of a file in an archive: folders of components, a table, and a file of it. */
const PLACE = /^((?:_components\/[^/]+\/)*)([^/]+)\/([^/]+)$/;
/** The file with the documents of a table. */
const DOCUMENTS = "documents.jsonl";

/** Reads files to import: rows, or an archive as `npx convex export` writes it. */
export class ImportReader {
  readonly #components: readonly string[];
  readonly #maxBytes: number;

  /** Takes the paths of the components, and how many bytes an archive may unpack to. */
  constructor(components: readonly string[], maxBytes: number) {
    this.#components = components;
    this.#maxBytes = maxBytes;
  }

  /** Reads a file. Throws `TypeError` for one that it cannot read, and for an unknown component. */
  async read(
    { format, tableName, componentPath = "" }: ImportPlan,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<ImportedData> {
    if (format === "zip") return await this.#readArchive(bytes);
    this.#requireComponent(componentPath);
    const table = tableOf(tableName ?? "");
    const documents = await rowsOf(format, textOf(bytes));
    const tables = [{ component: componentPath, table, documents }];
    return { cleared: [], files: [], tables };
  }

  async #readArchive(bytes: Uint8Array<ArrayBuffer>): Promise<ImportedData> {
    const packed = await readZip(bytes, this.#maxBytes);
    requireTables(packed);
    const files: ImportedData["files"] = [];
    const tables: ImportedTable[] = [];
    const rows = async (name: string) => {
      const file = packed.find((one) => one.name === name);
      if (!file) return [];
      try {
        return await rowsOf("jsonLines", textOf(await file.read()));
      } catch (error) {
        throw new TypeError(`${name}: ${(error as Error).message}`);
      }
    };
    const facts = await factsOf(packed, rows);
    for (const { name, read } of packed) {
      const [, folder = "", table = "", leaf = ""] = PLACE.exec(name) ?? [];
      const component = componentOf(folder);
      const isDocuments = leaf === DOCUMENTS;
      if (table === "_storage" && !isDocuments) {
        this.#requireComponent(component);
        const [id = ""] = leaf.split(".");
        const { contentType, _creationTime } = facts.get(folder)?.get(id) ?? {};
        const content = await read();
        files.push({
          component,
          id,
          bytes: content,
          creationTime: _creationTime as number | undefined,
          contentType: contentType as string | undefined,
          sha256: await checksumOf(content),
        });
      } else if (isDocuments && !table.startsWith("_")) {
        this.#requireComponent(component);
        const documents = await rows(name);
        tables.push({ component, table: tableOf(table), documents });
      }
    }
    const cleared = [...facts.keys()].map((folder) => ({
      component: componentOf(folder),
      table: "_storage",
    }));
    return { cleared, files, tables };
  }

  #requireComponent(path: string): void {
    if (this.#components.includes(path)) return;
    throw new TypeError(`there is no component ${path.slice(0, 80)}`);
  }
}

/**
 * Throws `TypeError` for an archive of something else, or of a folder around what is to be imported: nothing would be
 * imported, after all that is there was deleted.
 */
function requireTables(packed: readonly PackedFile[]): void {
  const isKnown = ({ name }: PackedFile) => {
    const [, , table, leaf] = PLACE.exec(name) ?? [];
    return leaf === DOCUMENTS || table === "_storage";
  };
  if (packed.length === 0 || packed.some(isKnown)) return;
  const first = formatJson(packed[0]!.name);
  throw new TypeError(
    `the ZIP archive has no TABLE/${DOCUMENTS}; the first of its files is ${first}`,
  );
}

/** Metadata of files by id, for each folder of an archive that has files. */
async function factsOf(
  packed: readonly PackedFile[],
  rows: (name: string) => Promise<ImportedRow[]>,
): Promise<Map<string, Map<Value, ImportedRow>>> {
  const facts: Map<string, Map<Value, ImportedRow>> = new Map();
  for (const { name } of packed) {
    const [, folder = "", table, leaf] = PLACE.exec(name) ?? [];
    if (table !== "_storage" || leaf !== DOCUMENTS) continue;
    const entries = (await rows(name)).map((row) => [row._id!, row] as const);
    facts.set(folder, new Map(entries));
  }
  return facts;
}

function componentOf(folder: string): string {
  return folder.split("/").filter((_, at) => at % 2 === 1).join("/");
}

function tableOf(name: string): string {
  if (isIdentifier(name)) return name;
  throw new TypeError(`${formatJson(name)} names no table`);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
