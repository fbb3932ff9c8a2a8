import type { SyncStore } from "../../store/types.ts";
import { encodeHex } from "../../values/hex.ts";
import { rowPrefix } from "../keys.ts";
import type { Overlay } from "../transaction/overlay.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** How long an upload URL is valid, as on Convex. */
const UPLOAD_URL_MS = 60 * 60 * 1000;
/** Old upload URLs that are removed when one is created: more than one, so that they do not pile up. */
const FORGOTTEN_AT_ONCE = 2;
/** Leading digits of a token that hold its creation time, so that old tokens sort first; the others are random. */
const TIME_DIGITS = 12;
const UPLOADS = { start: uploadKey(""), end: uploadKey("g") };

/** An upload that is still to come, stored under the token in its URL. */
interface Upload {
  /** Path of the component that gets the file. */
  component: string;
  /** When it expires, in ms since 1970. */
  expiresMs: number;
}

/** Creates the secret of an upload URL. */
export function createUploadToken(
  transaction: Transaction,
  nowMs: number,
): string {
  const { catalog, ids } = transaction.database;
  dropOldUploads(transaction.rows, nowMs, FORGOTTEN_AT_ONCE);
  const time = Math.max(0, Math.floor(nowMs)).toString(16);
  const token = time.padStart(TIME_DIGITS, "0") +
    encodeHex(ids.randomBytes(18));
  const upload: Upload = {
    component: catalog.component,
    expiresMs: nowMs + UPLOAD_URL_MS,
  };
  transaction.rows.put(uploadKey(token), JSON.stringify(upload));
  return token;
}

/** Path of the component that an upload URL is for; undefined if the URL is unknown or expired. */
export function findUpload(
  rows: Pick<Overlay, "get">,
  token: string,
  nowMs: number,
): string | undefined {
  if (!/^[0-9a-f]{48}$/.test(token)) return undefined;
  const row = rows.get(uploadKey(token));
  if (row === undefined) return undefined;
  const { component, expiresMs } = JSON.parse(row) as Upload;
  return expiresMs >= nowMs ? component : undefined;
}

/** Whether there are upload URLs, valid or expired. */
export function hasUploads(rows: Pick<SyncStore, "scan">): boolean {
  return !rows.scan(UPLOADS).next().done;
}

/** Removes expired upload URLs among the oldest `limit`. */
export function dropOldUploads(
  rows: Overlay,
  nowMs: number,
  limit = Infinity,
): void {
  let count = 0;
  // The scan's own limit only says how many rows it reads ahead.
  for (const { key, value } of rows.scan({ ...UPLOADS, limit })) {
    if ((JSON.parse(value) as Upload).expiresMs < nowMs) {
      rows.put(key, undefined);
    }
    if (++count >= limit) break;
  }
}

function uploadKey(token: string): string {
  return rowPrefix("f", 1) + token;
}
