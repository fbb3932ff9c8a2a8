/**
 * Writes that happen once: the result of a mutation with an idempotency key is kept, and a repeated call gets that
 * result instead of running again. Key and write are one transaction, so neither exists without the other.
 *
 * @module
 */
import { convexToJson, jsonToConvex, v, type Value } from "convex/values";
import { IDEMPOTENCY_CONFLICT } from "../moduleCodes.ts";
import { type AccessArgs, withoutAccess } from "../access.ts";
import { fail, shown } from "../errors.ts";
import { traceOf, tracesIn } from "./idempotencyTraces.ts";
import { dropHanging } from "./keptResults.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { inOne } from "../oneTransaction.ts";
import { sha256 } from "../sha256.ts";
import { sizeOf } from "../size.ts";
import { StepBudget } from "../paging/walk.ts";

/** How long a key is kept, in ms. */
const KEY_LIFETIME_MS = 24 * 60 * 60_000;
/** Expired keys that each keyed write deletes, for hosts without scheduled functions: more than it adds. */
const SWEPT_A_WRITE = 2;
/** Most rows and bytes that are deleted with them; the write has its own. */
const MAX_WRITE_ROWS = 1000;
const MAX_WRITE_BYTES = 2 * 1024 * 1024;
/** Longest key, in characters. */
const MAX_KEY_LENGTH = 512;
/** Longest text in one row, in UTF-16 code units of at most three bytes each; a row holds 1 MiB. */
const MAX_PART_LENGTH = 256 * 1024;

/** Arguments that every public mutation takes. */
export const idempotencyArgs = {
  /** 1 to 512 characters. A call with the same key and arguments within 24 hours is a repeat. */
  idempotencyKey: v.optional(v.string()),
  /** Replaces the hash of the arguments, for callers that generate some of them anew each time, such as ids. */
  idempotencyHash: v.optional(v.string()),
};

/** Values of {@link idempotencyArgs}. */
export interface IdempotencyArgs {
  /** The key. */
  idempotencyKey?: string;
  /** Hash of the request. */
  idempotencyHash?: string;
}

/** A call that may carry a key. */
export interface KeyedCall {
  /** Name of the mutation. */
  name: string;
  args: AccessArgs & IdempotencyArgs;
  /** Returns users that the result mentions, besides those in its user fields. */
  users: () => string[];
}

/**
 * Runs a call, or returns the result that it had.
 *
 * @throws {ConvexError} `IDEMPOTENCY_CONFLICT` if the key was used for something else, `INVALID_IDEMPOTENCY_KEY`.
 */
export async function once<Result>(
  ctx: MutationCtx,
  scope: Scope,
  { name, args, users }: KeyedCall,
  run: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  const { idempotencyKey: key } = args;
  if (key === undefined) return await run(scope);
  // Not the caller's time, which may be wrong: a key would expire at once, or never.
  const now = Date.now();
  checkKey(key);
  const argsHash = await hashOf(args);
  const known = await find(ctx, scope, key);
  if (known !== null && known.expiresAt > now) {
    if (known.function !== name || known.argsHash !== argsHash) {
      fail(
        IDEMPOTENCY_CONFLICT,
        `the key ${shown(key)} was used for ${known.function} ${
          known.function === name ? "with other arguments" : `not ${name}`
        }`,
      );
    }
    const text = await textOf(ctx, known);
    if (text === "") {
      fail(
        IDEMPOTENCY_CONFLICT,
        `what was written with the key ${shown(key)} has been deleted since`,
      );
    }
    return jsonToConvex(JSON.parse(text)) as Result;
  }
  if (known !== null) await dropKey(ctx, known);
  const budget = new StepBudget(MAX_WRITE_ROWS, MAX_WRITE_BYTES);
  await sweepKeys(ctx, now, SWEPT_A_WRITE, budget);
  const forgotten = new Set<string>();
  const result = await run({ ...scope, forgotten });
  const { memorySpaceId } = args as { memorySpaceId?: string };
  const told = tracesIn(result, memorySpaceId);
  const traces = new Set([
    ...told,
    ...users().map((id) => traceOf("user", id)),
  ]);
  // An answer that shows something deleted by the same call is not kept, as if the next call had deleted it.
  const text = told.some((trace) => forgotten.has(trace))
    ? ""
    : JSON.stringify(convexToJson(result as Value));
  await inOne(
    () => keep(ctx, scope, { key, name, argsHash, traces }, text),
    (fit) =>
      `what ${name} wrote, and its result of ${text.length} characters, which is kept for the idempotencyKey ${
        shown(key)
      }, do not ${fit}`,
  );
  return result;
}

/**
 * Deletes a limited number of expired keys while the budget lasts. A key is deleted after its dependent rows, so that a
 * repeated call finds the rest.
 */
export async function sweepKeys(
  ctx: MutationCtx,
  now: number,
  most: number,
  budget: StepBudget,
): Promise<{ deleted: number; done: boolean }> {
  const expired = ctx.db.query("idempotencyKeys")
    .withIndex("by_expires", (q) => q.lte("expiresAt", now));
  let deleted = 0;
  for await (const row of expired) {
    if (deleted === most || budget.isSpent) return { deleted, done: false };
    // The row has been read, whether it is deleted or not.
    budget.take(sizeOf(row));
    if (!await dropKey(ctx, row, budget)) return { deleted, done: false };
    deleted++;
  }
  return { deleted, done: true };
}

/** Deletes a key and its dependent rows; returns false if the budget was spent first. */
async function dropKey(
  ctx: MutationCtx,
  row: Doc<"idempotencyKeys">,
  budget?: StepBudget,
): Promise<boolean> {
  for (const table of ["idempotencyParts", "idempotencyTraces"] as const) {
    if (!await dropHanging(ctx, table, row._id, budget)) return false;
  }
  await ctx.db.delete(row._id);
  return true;
}

function checkKey(key: string): void {
  if (key.trim() === "" || key.length > MAX_KEY_LENGTH) {
    fail(
      "INVALID_IDEMPOTENCY_KEY",
      `idempotencyKey must have 1 to ${MAX_KEY_LENGTH} characters, and not only blanks; it has ${key.length}`,
    );
  }
}

/** Finds a key. Keys of different tenants, and of different callers of one tenant, are separate. */
function find(
  ctx: MutationCtx,
  scope: Scope,
  key: string,
): Promise<Doc<"idempotencyKeys"> | null> {
  return ctx.db.query("idempotencyKeys")
    .withIndex(
      "by_tenant_caller_key",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("caller", scope.caller)
          .eq("key", key),
    )
    .first();
}

interface Kept {
  key: string;
  name: string;
  argsHash: string;
  traces: Iterable<string>;
}

async function keep(
  ctx: MutationCtx,
  scope: Scope,
  { key, name, argsHash, traces }: Kept,
  text: string,
): Promise<void> {
  const { tenantId, caller } = scope;
  const isLong = text.length > MAX_PART_LENGTH;
  const keyDocId = await ctx.db.insert("idempotencyKeys", {
    ...(tenantId !== undefined && { tenantId }),
    ...(caller !== undefined && { caller }),
    key,
    function: name,
    argsHash,
    result: isLong ? "" : text,
    expiresAt: Date.now() + KEY_LIFETIME_MS,
  });
  for (const [part, piece] of isLong ? cut(text).entries() : []) {
    await ctx.db.insert("idempotencyParts", { keyDocId, part, text: piece });
  }
  for (const trace of traces) {
    await ctx.db.insert("idempotencyTraces", {
      ...(tenantId !== undefined && { tenantId }),
      keyDocId,
      trace,
    });
  }
}

/** Cuts a text into parts, but never within a surrogate pair, half of which Convex does not store. */
function cut(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + MAX_PART_LENGTH, text.length);
    if (/[\uD800-\uDBFF]$/.test(text.slice(end - 1, end))) end--;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

async function textOf(
  ctx: MutationCtx,
  row: Doc<"idempotencyKeys">,
): Promise<string> {
  if (row.result !== "") return row.result;
  const parts = ctx.db.query("idempotencyParts")
    .withIndex("by_key", (q) => q.eq("keyDocId", row._id));
  let text = "";
  for await (const { part, text: piece } of parts) {
    // An answer that is being emptied lacks its first part.
    if (text === "" && part > 0) break;
    text += piece;
  }
  return text;
}

/** Hash of the arguments, except those that say who is calling and when. */
async function hashOf(args: KeyedCall["args"]): Promise<string> {
  const { idempotencyKey: _key, idempotencyHash, ...asked } = withoutAccess(
    args,
  );
  return await sha256(
    idempotencyHash === undefined
      ? JSON.stringify(sorted(convexToJson(asked as Value)))
      : `asked ${idempotencyHash}`,
  );
}

/** Sorts members by name, so that their order does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
