import { EngineError } from "../../errors.ts";
import { copyArgs } from "../../values/copy.ts";
import { formatJson } from "../../values/format_json.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";
import type { Catalog } from "../schema/catalog.ts";
import { hasCommitTs } from "../rows/commit_ts.ts";
import type { Component } from "../components/components.ts";
import { missingDocument, wrongId } from "../documents/document_ids.ts";
import type { Document } from "../rows/fields.ts";
import {
  type FunctionAddress,
  functionAddress,
  functionHandle,
} from "../functions/function_address.ts";
import { canonicalName } from "../functions/functions.ts";
import { rowPrefix } from "../keys.ts";
import { checkLimit } from "../limits/limit_check.ts";
import {
  insertSystemDocument,
  patchSystemDocument,
  systemDocument,
} from "../documents/system_documents.ts";
import { stateRange } from "../schema/system_tables.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { JobState } from "../behaviour.ts";

/** A call that was just scheduled. */
export interface NewJob {
  /** Where its row is. */
  component: Component;
  /** Its id in `_scheduled_functions`. */
  id: string;
  /** When it is due. */
  timeMs: number;
}

/** A call to schedule. */
export interface LaterCall {
  /** The function. */
  address: FunctionAddress;
  /** Its arguments. */
  args: unknown;
  /** When it is due, in ms since 1970. */
  timeMs: number;
}

/** Stores a scheduled call, possibly as already canceled, and returns its id in `_scheduled_functions`. */
export function scheduleJob(
  transaction: Transaction,
  { address, args, timeMs }: LaterCall,
  isCanceled: boolean,
): string {
  const { catalog, behaviour } = transaction.database;
  const distanceMs = Math.abs(timeMs - transaction.startMs);
  if (!(distanceMs <= behaviour.maxScheduleMs)) {
    throw new EngineError(
      "INVALID_ARGUMENT",
      `a function can be scheduled up to five years from now, got the time ${
        String(timeMs).slice(0, 40)
      }`,
    );
  }
  const { limits } = catalog;
  const canonical = { ...address, name: canonicalName(address.name) };
  const copy = copyArgs(
    args,
    "arguments of a scheduled function",
    limits,
  );
  if (hasCommitTs(copy)) {
    throw new EngineError(
      "INVALID_VALUE",
      `Invalid arguments for "${canonical.name}": a scheduled function cannot take an unresolved placeholder value.`,
    );
  }
  const bytes = valueSize(copy);
  checkLimit(
    "size of the arguments of a scheduled function in bytes",
    bytes,
    limits.scheduledArgumentBytes,
  );
  transaction.meter.countScheduled(bytes);
  const isOwn = address.component === catalog.component;
  const name = behaviour.jobName(address, isOwn);
  const id = insertSystemDocument(transaction, "_scheduled_functions", {
    name,
    args: [copy],
    scheduledTime: timeMs,
    ...isCanceled
      ? behaviour.jobEnd({ kind: "canceled" }, transaction.startMs)
      : { state: { kind: "pending" } },
  });
  if (!isOwn && name !== functionHandle(canonical)) {
    transaction.rows.put(componentKey(catalog, id), address.component);
  }
  return id;
}

/** Cancels a scheduled call, unless it has ended. Throws `INVALID_ID`. */
export function cancelJob(transaction: Transaction, id: unknown): void {
  const { catalog, behaviour } = transaction.database;
  const wanted = "_scheduled_functions";
  const isText = typeof id === "string";
  const got = isText ? catalog.nameOfId(id) : undefined;
  if (!isText || got !== wanted) {
    throw wrongId(
      `Invalid argument \`id\` for \`scheduler.cancel\`: expected an Id<"${wanted}">, got ${
        formatJson(id)
      }`,
      id,
      wanted,
      got,
    );
  }
  const job = findJob(transaction, id);
  const { cancelsWhatIsOver } = behaviour;
  if (!job) {
    if (!cancelsWhatIsOver) return;
    throw missingDocument("patch", id);
  }
  const { kind } = job.state as JobState;
  if (kind === "pending" || kind === "inProgress" || cancelsWhatIsOver) {
    endJob(transaction, job, { kind: "canceled" });
  }
}

/** A scheduled call; undefined when there is none. */
export function findJob(
  transaction: Transaction,
  id: string,
): Document | undefined {
  return systemDocument(transaction, "_scheduled_functions", id);
}

/** Whether a call of a component is canceled in the committed data. */
export function isCanceledJob({ database }: Component, id: string): boolean {
  const { store, catalog } = database;
  const table = catalog.find("_scheduled_functions");
  const row = table && store.get(table.prefix + id);
  if (row === undefined) return false;
  const { state } = JSON.parse(row) as { state: JobState };
  return state.kind === "canceled";
}

/** Records that a call has begun, and returns its changed document. */
export function beginJob(transaction: Transaction, job: Document): Document {
  const state = { kind: "inProgress" };
  return patchSystemDocument(transaction, job, { state });
}

/** Records how a call ended. */
export function endJob(
  transaction: Transaction,
  job: Document,
  state: JobState,
  endMs: number = transaction.startMs,
): void {
  const { behaviour } = transaction.database;
  patchSystemDocument(transaction, job, behaviour.jobEnd(state, endMs));
}

/** The function that a scheduled call calls, and its arguments. */
export function callOfJob(
  { rows }: Transaction,
  { path, database: { catalog } }: Component,
  job: Document,
): { address: FunctionAddress; args: Value } {
  const [args = {}] = job.args as Value[];
  const from = rows.get(componentKey(catalog, job._id)) ?? path;
  return { address: functionAddress(job.name, from), args };
}

/** Key of the row with the component of the called function, where the function's name does not tell it. */
function componentKey(catalog: Catalog, id: string): string {
  const { number } = catalog.find("_scheduled_functions")!;
  return rowPrefix("j", number) + id;
}

/** A committed call: when it is due, when it ended, and its key in the index by state. */
interface KnownJob {
  id: string;
  timeMs: number;
  endedMs: number | undefined;
  key: string;
}

/** The committed calls in a state, earliest first; all of them, or those after a key. */
export function* jobsIn(
  { database }: Component,
  kind: JobState["kind"],
  after?: string,
): Generator<KnownJob> {
  const { store, catalog } = database;
  const range = stateRange(catalog, kind);
  const table = catalog.find("_scheduled_functions");
  if (!range || !table) return;
  const { idLength, end } = range;
  const start = after === undefined ? range.start : `${after}\0`;
  for (const { key } of store.scan({ start, end })) {
    const id = key.slice(-idLength);
    const row = store.get(table.prefix + id);
    if (row === undefined) continue;
    // `scheduleJob` refuses infinite times, so these are plain JSON numbers.
    const { scheduledTime, completedTime } = JSON.parse(row) as {
      scheduledTime: number;
      completedTime?: number;
    };
    yield { id, timeMs: scheduledTime, endedMs: completedTime, key };
  }
}
