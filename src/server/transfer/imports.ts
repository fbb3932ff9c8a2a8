import type { ImportedData } from "../../engine/engine.ts";
import { formatJson } from "../../values/format_json.ts";
import type { Value } from "../../values/types.ts";
import { folderOf } from "./export_zip.ts";
import { badRequest } from "../http/http_fault.ts";
import { type ImportPlan, ImportReader } from "./import_reader.ts";
import { keepLatest } from "../keep_latest.ts";
import type { ServedEngine } from "../served_engine.ts";
import { tablePages, userTables } from "../admin/table_data.ts";

/** Ways to treat existing documents. */
const MODES = ["requireEmpty", "append", "replace", "replaceAll"];

/** Most imports that wait for `perform`. */
export const MAX_WAITING = 4;
/** Most imports whose state is remembered. */
const MAX_STATES = 100;

type State = { [field: string]: Value };

type TableOfComponent = ImportedData["cleared"][number];

/** Current and recent imports. */
export class Imports {
  readonly #engine: ServedEngine;
  readonly #components: readonly string[];
  readonly #reader: ImportReader;
  readonly #waiting: Map<string, ImportedData> = new Map();
  readonly #states: Map<string, State> = new Map();

  /** Takes the engine, the paths of its components, and how many bytes an archive may unpack to. */
  constructor(
    engine: ServedEngine,
    components: readonly string[],
    maxBytes: number,
  ) {
    this.#engine = engine;
    this.#components = components;
    this.#reader = new ImportReader(components, maxBytes);
  }

  /** State of an import; undefined for an unknown or forgotten one. */
  stateOf(id: string): State | undefined {
    return this.#states.get(id);
  }

  /** Reads a file. Returns the id under which it waits for `perform`. Throws `HttpFault` for an unknown mode. */
  async prepare(
    plan: ImportPlan,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    const id = crypto.randomUUID();
    if (!MODES.includes(plan.mode)) {
      throw badRequest(
        "BadImport",
        `"mode" must be one of ${MODES.join(", ")}; got ${
          formatJson(plan.mode)
        }`,
      );
    }
    try {
      const data = await this.#reader.read(plan, bytes);
      const lost = await this.#clear(plan, data);
      keepLatest(this.#waiting, MAX_WAITING, id, data);
      this.#setState(id, {
        state: "waiting_for_confirmation",
        message_to_confirm: lost.length === 0
          ? ""
          : `Documents that are there are deleted first, in ${lost.join(", ")}`,
        require_manual_confirmation: lost.length > 0,
      });
    } catch (error) {
      this.#fail(id, error);
    }
    return id;
  }

  /** Runs the import that waits under an id. Throws `HttpFault` if there is none. */
  async perform(id: string): Promise<void> {
    const data = this.#waiting.get(id);
    if (!data) throw badRequest("NoSuchImport", `no import waits as ${id}`);
    this.#waiting.delete(id);
    try {
      const count = await this.#engine.importData!(data);
      this.#setState(id, {
        state: "completed",
        num_rows_written: BigInt(count),
      });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #fail(id: string, error: unknown): void {
    const { message } = error as Error;
    this.#setState(id, { state: "failed", error_message: message });
  }

  #setState(id: string, state: State): void {
    keepLatest(this.#states, MAX_STATES, id, state);
  }

  /** Sets `data.cleared`, the tables to empty first, and returns which of these have documents. */
  async #clear(
    { mode }: ImportPlan,
    data: ImportedData,
  ): Promise<string[]> {
    const touched = [
      ...data.cleared,
      ...data.tables.map(({ component, table }) => ({ component, table })),
    ];
    data.cleared = [];
    if (mode === "replaceAll") this.#addOtherTables(touched);
    const filled = await this.#filled(touched);
    if (mode === "append") return [];
    if (mode === "requireEmpty") {
      if (filled.length === 0) return [];
      throw new TypeError(
        `there are documents in ${
          filled.join(", ")
        }: import with --append or --replace`,
      );
    }
    data.cleared = touched;
    return filled;
  }

  /** Adds the tables that the archive does not contain. */
  #addOtherTables(touched: TableOfComponent[]): void {
    for (const component of this.#components) {
      // Not `_storage`: files are replaced only by an archive that contains files.
      for (const table of userTables(this.#engine, component)) {
        const isKnown = touched.some((one) =>
          one.component === component && one.table === table
        );
        if (!isKnown) touched.push({ component, table });
      }
    }
  }

  /** Names of the tables that have documents. */
  async #filled(tables: readonly TableOfComponent[]): Promise<string[]> {
    const filled: string[] = [];
    for (const { component, table } of tables) {
      const first = await tablePages(
        this.#engine,
        { table, order: "asc", page: { numItems: 1 } },
        () => ({ component, mayCallInternal: true }),
      ).next();
      if (first.value!.length > 0) {
        filled.push(`${folderOf(component)}${table}`);
      }
    }
    return filled;
  }
}
