/** Read operations on mutable values. */
import { LISTED_VALUES } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { checkFilter, checkNamed } from "./mutable_rules.ts";
import { within } from "../calls/deadline.ts";
import { type PageStep, readPages } from "../calls/paging.ts";
import { joinStretches, type SortKey } from "../calls/stretches.ts";
import type { CallControls } from "../types/common.ts";
import type {
  CountMutableFilter,
  ListMutableFilter,
  MutableRecord,
} from "../types/mutable.ts";

/** A step of a list of values. */
interface ValueStep extends PageStep {
  /** Rows of the page. */
  rows: MutableRecord[];
}

/** A step of a list sorted by the number of writes. */
interface SortedStep extends ValueStep {
  /** The sort keys of the rows, unless the first step saw all. */
  places?: SortKey[];
}

const PAGE = "mutable:page";

/** The reading methods of `cortex.mutable`. */
export class MutableReader extends ApiModule {
  /**
   * Gets a value; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.mutable.get("stock", "pens"), null);
   * ```
   */
  async get(
    namespace: string,
    key: string,
    controls?: CallControls,
  ): Promise<unknown | null> {
    return (await this.getRecord(namespace, key, controls))?.value ?? null;
  }

  /**
   * Gets a value with its user, metadata and dates; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12, "ada");
   * assertEquals((await cortex.mutable.getRecord("stock", "pens"))?.userId, "ada");
   * ```
   */
  getRecord(
    namespace: string,
    key: string,
    controls?: CallControls,
  ): Promise<MutableRecord | null> {
    return this.calls.query(
      "mutable:get",
      { namespace, key },
      controls,
      checkNamed,
    );
  }

  /**
   * Returns whether there is a value, even null.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.mutable.exists("stock", "pens"), false);
   * ```
   */
  exists(
    namespace: string,
    key: string,
    controls?: CallControls,
  ): Promise<boolean> {
    return this.calls.query(
      "mutable:exists",
      { namespace, key },
      controls,
      checkNamed,
    );
  }

  /**
   * Lists the values of a namespace that match the filter, by key unless sorted otherwise.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens:red", 3);
   * await cortex.mutable.set("stock", "pens:blue", 4);
   * const pens = await cortex.mutable.list({ namespace: "stock", keyPrefix: "pens:" });
   * assertEquals(pens.map(({ key }) => key), ["pens:blue", "pens:red"]);
   * ```
   */
  async list(
    filter: ListMutableFilter,
    controls?: CallControls,
  ): Promise<MutableRecord[]> {
    const { limit = LISTED_VALUES, offset, ...args } =
      checkFilter({ filter }).filter;
    if (limit === 0) return [];
    if (args.sortBy === "accessCount") {
      return await this.#byWrites({ ...args, offset, limit }, controls);
    }
    const { rows } = await readPages<ValueStep, MutableRecord>(this.calls, {
      name: PAGE,
      rows: ({ rows }) => rows,
      args,
      offset,
      limit,
      counts: false,
    }, controls);
    return rows;
  }

  /**
   * Counts the values of a namespace that match the filter.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.mutable.count({ namespace: "stock" }), 0);
   * ```
   */
  async count(
    filter: CountMutableFilter,
    controls?: CallControls,
  ): Promise<number> {
    const { limit: _, offset: __, ...args }: ListMutableFilter =
      checkFilter({ filter }).filter;
    const { total } = await readPages<ValueStep, MutableRecord>(this.calls, {
      name: PAGE,
      rows: ({ rows }) => rows,
      args,
      limit: 0,
    }, controls);
    return total;
  }

  /** Reads a page in an order that no index has, by merging the rows of the steps. */
  #byWrites(
    args: ListMutableFilter & { limit: number },
    controls: CallControls | undefined,
  ): Promise<MutableRecord[]> {
    return within(controls, async (signal) => {
      const read = (cursor?: string) =>
        this.calls.query<SortedStep>(PAGE, { ...args, cursor }, { signal });
      const first = await read();
      if (first.done) return first.rows;
      const { offset = 0, limit, sortOrder } = args;
      const found = await joinStretches(first, {
        read,
        rows: ({ rows, places = [] }) =>
          rows.map((row, at) => ({ row, places: places[at] as SortKey })),
        places: ({ places }) => places,
        descending: sortOrder === "desc",
        end: offset + limit,
      });
      return found.slice(offset).map(({ row }) => row);
    });
  }
}
