import { MUTABLE_CONFLICT } from "../../convex/lib/moduleCodes.ts";
import { MAX_DRY_KEYS, MAX_RACES, MAX_WAIT_MS } from "../limits.ts";
import { freeFormArgs } from "../rules/free_form.ts";
import { pick } from "../calls/pick.ts";
import { compact } from "../calls/api_context.ts";
import { ConvexError } from "../../errors.ts";
import { asOne, pause } from "../calls/deadline.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import { KeyedQueue } from "./keyed_queue.ts";
import { MutableReader } from "./mutable_reader.ts";
import {
  checkAmount,
  checkNamed,
  checkPurgeMany,
  checkPurgeNamespace,
  checkSet,
  checkTransaction,
  checkUpdate,
  checkValue,
} from "./mutable_rules.ts";
import type { ProgressControls, WriteControls } from "../types/common.ts";
import type {
  DeleteMutableOptions,
  DeleteMutableResult,
  MutableOperation,
  MutableRecord,
  PurgeManyFilter,
  PurgeManyMutableResult,
  PurgeNamespaceOptions,
  PurgeNamespaceResult,
  SetMutableOptions,
  TransactionResult,
  UpdateMutableOptions,
} from "../types/mutable.ts";

type Row = MutableRecord & { revision?: number };

/**
 * Values that change in place, by namespace and key, without history. A namespace is 1 to 100 letters, digits, `-`,
 * `_`, `.` and `:`; a key is 1 to 255 of these, `/` and `@`.
 *
 * Every method rejects with `MutableValidationError` before anything is sent if an argument is wrong.
 */
export class MutableAPI extends MutableReader {
  readonly #updates = new KeyedQueue(MAX_WAIT_MS);

  /**
   * Creates or replaces a value of at most 1,000,000 bytes of JSON, else it rejects with `VALUE_TOO_LARGE`; null is a
   * value. User and metadata are kept if omitted.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * assertEquals(await cortex.mutable.get("stock", "pens"), 12);
   * ```
   */
  async set(
    namespace: string,
    key: string,
    value: unknown,
    userId?: string,
    metadata?: Record<string, unknown>,
    options?: SetMutableOptions & WriteControls,
  ): Promise<MutableRecord> {
    return await this.calls.mutation(
      "mutable:set",
      { namespace, key, userId, value, metadata },
      options,
      checkSet,
    );
  }

  /**
   * Replaces a value by what `updater` returns. If another write comes in between, the updater is called again with the
   * new value, up to 10 times in all; then it rejects with `MUTABLE_CONFLICT`. Updates of one key through one `Cortex`
   * run one after another, unless one takes longer than a second.
   *
   * @throws {ConvexError} `MUTABLE_KEY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("cart", "ada", ["pen"]);
   * await cortex.mutable.update<string[]>("cart", "ada", (cart) => [...cart, "ink"]);
   * assertEquals(await cortex.mutable.get("cart", "ada"), ["pen", "ink"]);
   * ```
   */
  async update<T = unknown>(
    namespace: string,
    key: string,
    updater: (current: T) => T | Promise<T>,
    options?: UpdateMutableOptions & WriteControls,
  ): Promise<MutableRecord> {
    checkUpdate({ namespace, key, updater });
    return await asOne(options, (each) =>
      this.#updates.run(
        JSON.stringify([namespace, key]),
        () => this.#race(namespace, key, updater, each),
      ), [namespace, key]);
  }

  /**
   * Adds to a number on the server, 1 by default; null counts as 0.
   *
   * @throws {ConvexError} `MUTABLE_KEY_NOT_FOUND` or `MUTABLE_VALUE_NOT_NUMBER`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * assertEquals((await cortex.mutable.increment("stock", "pens", 3)).value, 15);
   * ```
   */
  async increment(
    namespace: string,
    key: string,
    amount?: number,
    controls?: WriteControls,
  ): Promise<MutableRecord> {
    return await this.#add("increment", namespace, key, amount, controls);
  }

  /**
   * Subtracts from a number on the server, 1 by default, also below zero. Rejects as `increment` does.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * assertEquals((await cortex.mutable.decrement("stock", "pens")).value, 11);
   * ```
   */
  async decrement(
    namespace: string,
    key: string,
    amount?: number,
    controls?: WriteControls,
  ): Promise<MutableRecord> {
    return await this.#add("decrement", namespace, key, amount, controls);
  }

  /**
   * Deletes a value.
   *
   * @throws {ConvexError} `MUTABLE_KEY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * const { deleted } = await cortex.mutable.delete("stock", "pens");
   * assertEquals(deleted, true);
   * ```
   */
  delete(
    namespace: string,
    key: string,
    options?: DeleteMutableOptions & WriteControls,
  ): Promise<DeleteMutableResult> {
    return this.calls.mutation(
      "mutable:deleteKey",
      { namespace, key },
      options,
      checkNamed,
    );
  }

  /**
   * Same as `delete`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * assertEquals((await cortex.mutable.purge("stock", "pens")).key, "pens");
   * ```
   */
  async purge(
    namespace: string,
    key: string,
    controls?: WriteControls,
  ): Promise<DeleteMutableResult> {
    return await this.delete(namespace, key, controls);
  }

  /**
   * Deletes every value of a namespace; `dryRun` returns how many there are, and their first 1,000 keys.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * const { deleted } = await cortex.mutable.purgeNamespace("stock");
   * assertEquals(deleted, 1);
   * ```
   */
  async purgeNamespace(
    namespace: string,
    options?: PurgeNamespaceOptions & WriteControls & ProgressControls,
  ): Promise<PurgeNamespaceResult> {
    checkPurgeNamespace({ namespace, options });
    const { dryRun = false, tenantId } = options ?? {};
    const whole = await this.calls.whole<PurgeNamespaceResult>(
      {
        kind: "mutation",
        name: "mutable:purgeNamespace",
        parts: ["deleted", "keys"],
      },
      { namespace, dryRun, tenantId },
      options,
    );
    const { keys, ...done } = whole;
    return dryRun ? { ...done, keys: keys?.slice(0, MAX_DRY_KEYS) } : done;
  }

  /**
   * Deletes the values of a namespace that match the filter, or all of them without further conditions. Returns every
   * deleted key.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens:red", 3);
   * const { keys } = await cortex.mutable.purgeMany({ namespace: "stock", keyPrefix: "pens:" });
   * assertEquals(keys, ["pens:red"]);
   * ```
   */
  async purgeMany(
    filter: PurgeManyFilter,
    controls?: WriteControls & ProgressControls,
  ): Promise<PurgeManyMutableResult> {
    return await this.calls.whole<PurgeManyMutableResult>(
      {
        kind: "mutation",
        name: "mutable:purgeMany",
        parts: ["deleted", "keys"],
      },
      { ...checkPurgeMany({ filter }).filter },
      controls,
    );
  }

  /**
   * Runs up to 500 operations in order, all or none; each sees the effects of those before it. Operations of over 16 MiB
   * in all reject with `VALUE_TOO_LARGE` before they are sent.
   *
   * @throws {ConvexError} `TOO_MANY_OPERATIONS`; `LIMIT_EXCEEDED` for values that do not fit into one transaction,
   * which reads and writes 16 MiB; `MUTABLE_KEY_NOT_FOUND` or `MUTABLE_VALUE_NOT_NUMBER`, as the single methods do.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("accounts", "ada", 100);
   * await cortex.mutable.set("accounts", "bob", 0);
   * await cortex.mutable.transaction([
   *   { op: "decrement", namespace: "accounts", key: "ada", amount: 30 },
   *   { op: "increment", namespace: "accounts", key: "bob", amount: 30 },
   * ]);
   * assertEquals(await cortex.mutable.get("accounts", "bob"), 30);
   * ```
   */
  async transaction(
    operations: MutableOperation[],
    controls?: WriteControls,
  ): Promise<TransactionResult> {
    checkTransaction({ operations });
    return await this.calls.mutation("mutable:transaction", {
      operations: operations.map(({ value, ...operation }) => ({
        ...compact(pick(operation, "op", "namespace", "key", "amount")),
        ...freeFormArgs("value", value),
      })),
    }, controls);
  }

  /** Repeats compare-and-set until no other write comes in between. */
  async #race<T>(
    namespace: string,
    key: string,
    updater: (current: T) => T | Promise<T>,
    controls: KeyedControls,
  ): Promise<MutableRecord> {
    const { signal } = controls;
    for (let race = 1;; race++) {
      const row = await this.calls.query<Row | null>(
        "mutable:get",
        { namespace, key, withRevision: true },
        { signal },
      );
      // Without a row, the backend rejects the write with the right error.
      const value = row && await updater(row.value as T);
      checkValue({ value });
      try {
        return await this.calls.mutation<MutableRecord>("mutable:update", {
          namespace,
          key,
          operation: "custom",
          value,
          expectedRevision: row?.revision ?? 0,
          expectedId: row?._id,
        }, controls);
      } catch (error) {
        const hasLost = error instanceof ConvexError &&
          error.code === MUTABLE_CONFLICT;
        if (!hasLost || race === MAX_RACES) throw error;
        // A random pause, so that conflicting processes do not retry in lockstep.
        await pause(Math.random() * 2 ** race, signal);
      }
    }
  }

  async #add(
    operation: "increment" | "decrement",
    namespace: string,
    key: string,
    amount: number | undefined,
    controls: WriteControls | undefined,
  ): Promise<MutableRecord> {
    checkAmount({ namespace, key, amount });
    if (amount === 0) {
      this.calls.context.logger.warn(`${operation} by 0 changes nothing`);
    }
    return await this.calls.mutation(
      "mutable:update",
      { namespace, key, operation, operand: amount ?? 1 },
      controls,
    );
  }
}
