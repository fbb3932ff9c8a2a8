import type { SyncStore } from "../../store/types.ts";
import { EngineError } from "../../errors.ts";
import { parseValue, stringifyValue } from "../../values/json.ts";
import { TextHash } from "../../values/text_hash.ts";
import type { Value } from "../../values/types.ts";
import type { UserIdentity } from "../functions/identity.ts";
import { isDocumentKey, sortableNumber } from "../keys.ts";
import type { Commits } from "./commits.ts";
import type { Transaction } from "./transaction.ts";

/** How long an answer is kept, in ms. A client that repeats a request after that makes it run twice. */
const KEEP_MS = 24 * 60 * 60 * 1000;
/** Expired answers removed whenever one is added: more than one, so that they do not pile up. */
const REMOVED_AT_ONCE = 2;
/** Expired answers removed whenever documents are deleted. */
const REMOVED_WITH_DOCUMENTS = 1000;

/** Length of a time in a key. */
const TIME_LENGTH = 11;

/** Identifies a request of a client, across all its connections. */
export interface SessionRequest {
  /** The client: 1 to 64 ASCII characters, such as a UUID. */
  sessionId: string;
  /** The client's number for the request: an integer from 0 to 2^53 − 1. */
  requestId: number;
}

interface Answer {
  value: Value;
  logLines: readonly string[];
  ts: bigint;
}

/** The call of a request. */
export interface MadeCall {
  /** Who is signed in. */
  identity: UserIdentity | null;
  /** Name of the function. */
  name: string;
  /** Its arguments. */
  args: Value;
}

/**
 * The answer to a request that was carried out before; undefined for a new one. Throws `INVALID_ARGUMENT` if the
 * earlier request was another call by another user: a client that repeats its calls may have changed its user, but not
 * the call too.
 */
export function findAnswer(
  store: SyncStore,
  request: SessionRequest,
  made: MadeCall,
): Answer | undefined {
  const row = store.get(answerKey(request));
  if (row === undefined) return undefined;
  const [ts, value, logLines, user, call] = JSON.parse(row);
  if (
    user !== undefined && user !== userOf(made) && call !== callOf(made)
  ) {
    throw new EngineError(
      "INVALID_ARGUMENT",
      `request ${request.requestId} of this session was made by another user`,
    );
  }
  return { ts: BigInt(ts), value: parseValue(value), logLines };
}

/** Stores an answer in the request's own transaction, so that neither exists without the other. */
export function keepAnswer(
  { rows, database: { store } }: Transaction,
  request: SessionRequest,
  made: MadeCall,
  { ts, value, logLines }: Answer,
  nowMs: number,
): void {
  const row = JSON.stringify([
    String(ts),
    stringifyValue(value),
    logLines,
    // Absent for anonymous callers, and in answers of earlier versions.
    ...made.identity ? [userOf(made), callOf(made)] : [],
  ]);
  rows.put(answerKey(request), row);
  rows.put(timeKey(nowMs) + nameOf(request), "");
  for (const key of oldRows(store, nowMs, REMOVED_AT_ONCE)) {
    rows.put(key, undefined);
  }
}

/**
 * Has expired answers removed with documents, of which they may tell, that are deleted: without further requests, they
 * would stay for good.
 */
export function sweepAnswers(
  store: SyncStore,
  commits: Commits,
  now: () => number,
): void {
  commits.extendBy((ops) => {
    const deletes = ops.some(({ key, value }) =>
      value === undefined && isDocumentKey(key)
    );
    if (!deletes) return;
    for (const key of oldRows(store, now(), REMOVED_WITH_DOCUMENTS)) {
      ops.push({ key });
    }
  });
}

/** Keys of the rows of expired answers, the oldest first. */
function oldRows(store: SyncStore, nowMs: number, limit: number): string[] {
  const end = timeKey(nowMs - KEEP_MS);
  const old = store.scan({ start: "q", end, limit });
  return [...old].flatMap(({ key }) => [key, `r${key.slice(end.length)}`]);
}

function answerKey(request: SessionRequest): string {
  return `r${nameOf(request)}`;
}

function nameOf({ sessionId, requestId }: SessionRequest): string {
  return `${sessionId}:${requestId}`;
}

/** Identifies a user without naming one in the store. */
function userOf({ identity }: MadeCall): string {
  const hash = new TextHash();
  hash.add(identity?.tokenIdentifier ?? "");
  return hash.text();
}

/** Identifies a call. */
function callOf({ name, args }: MadeCall): string {
  const hash = new TextHash();
  hash.add(name);
  hash.addValue(args);
  return hash.text();
}

function timeKey(ms: number): string {
  return `q${sortableNumber(Math.max(0, Math.floor(ms)), TIME_LENGTH)}`;
}
