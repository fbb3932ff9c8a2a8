import { EngineError } from "../../errors.ts";
import type { SyncStore } from "../../store/types.ts";
import type { Calls } from "../calls/calls.ts";
import { checksumOf } from "../files/checksum.ts";
import {
  fileDocument,
  placeOfFile,
  readFile,
  storeFile,
} from "../files/files.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { findUpload } from "../files/uploads.ts";

/** A stored file, as it is served. */
export interface ServedFile {
  /** Size in bytes. */
  size: number;
  /** Media type; undefined if unknown. */
  contentType: string | undefined;
  /** SHA-256 in base64, for a `Digest` header. */
  sha256: string;
  /**
   * Reads the bytes from `start` up to, not including, `end`. Default: all.
   *
   * @throws {EngineError} `DOCUMENT_NOT_FOUND` once the file is deleted.
   */
  read(start?: number, end?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Access to stored files from outside, by the secrets in their URLs.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { mutationGeneric, queryGeneric } from "convex/server";
 *
 * const uploadUrl = mutationGeneric((ctx) => ctx.storage.generateUploadUrl());
 * const url = queryGeneric((ctx, { id }: { id: string }) => ctx.storage.getUrl(id));
 * await using engine = openEngine({ modules: { "files.ts": { uploadUrl, url } } });
 * const lastPart = (url: unknown) => new URL(url as string).pathname.split("/").at(-1)!;
 * const token = new URL(await engine.mutation("files:uploadUrl") as string).searchParams.get("token")!;
 * assertEquals(engine.files.takes(token), true);
 * const id = await engine.files.upload(token, new Uint8Array([1, 2, 3]));
 * const file = await engine.files.open(lastPart(await engine.query("files:url", { id })));
 * assertEquals(await file?.read(1), new Uint8Array([2, 3]));
 * ```
 */
export interface FileGate {
  /** Whether a file would be taken now: whether `generateUploadUrl` made a token within the hour. */
  takes(token: string): boolean;
  /**
   * Stores an uploaded file and returns its id. Resolves once it is durable.
   *
   * @param token The token that `generateUploadUrl` put into the URL.
   * @param bytes The content, which must stay the same until the promise settles.
   * @param facts Media type, and expected SHA-256 in base64 or hexadecimal.
   * @throws {EngineError} `UPLOAD_URL_INVALID` for a token that is unknown or older than an hour, `CHECKSUM_MISMATCH`.
   */
  upload(
    token: string,
    bytes: Uint8Array<ArrayBuffer>,
    facts?: { contentType?: string; sha256?: string },
  ): Promise<string>;
  /**
   * Opens the file at `/api/storage/{name}`; undefined if there is none.
   *
   * @param ts Opens and reads it as it was at this timestamp, while `holdTimestamp` keeps that.
   * @throws {EngineError} `OUT_OF_RETENTION` for a timestamp that is not kept.
   */
  open(name: string, ts?: bigint): Promise<ServedFile | undefined>;
}

/** The gate to the files of an engine. */
export class EngineFiles implements FileGate {
  readonly #calls: Calls;
  readonly #store: SyncStore;
  readonly #now: () => number;

  /** Takes the runner of transactions, the engine's rows and its clock. */
  constructor(calls: Calls, store: SyncStore, now: () => number) {
    this.#calls = calls;
    this.#store = store;
    this.#now = now;
  }

  takes(token: string): boolean {
    return findUpload(this.#store, token, this.#now()) !== undefined;
  }

  async upload(
    token: string,
    bytes: Uint8Array<ArrayBuffer>,
    { contentType, sha256 }: { contentType?: string; sha256?: string } = {},
  ): Promise<string> {
    const path = findUpload(this.#store, token, this.#now());
    if (path === undefined) {
      throw new EngineError(
        "UPLOAD_URL_INVALID",
        "the upload URL is unknown, or older than an hour",
      );
    }
    const checksum = await checksumOf(bytes, sha256);
    const component = this.#calls.components.get(path);
    return await this.#calls.transaction(
      { component, writable: true },
      (transaction) =>
        storeFile(transaction, { bytes, contentType, sha256: checksum }),
    );
  }

  async open(name: string, ts?: bigint): Promise<ServedFile | undefined> {
    const { components } = this.#calls;
    const { commits } = components.app.database;
    const rows = ts === undefined ? this.#store : commits.at(ts);
    const place = placeOfFile(rows, name);
    if (!place) return undefined;
    const component = components.get(place.component);
    const inside = <T>(
      work: (transaction: Transaction) => T,
    ) => this.#calls.transaction({ component, writable: false, ts }, work);
    const document = await inside((own) => fileDocument(own, place.id));
    if (!document) return undefined;
    const size = Number(document.size);
    return {
      size,
      contentType: document.contentType as string | undefined,
      sha256: String(document.sha256),
      read: (start = 0, end = size) =>
        inside((own) => readFile(own, place.id, start, end)),
    };
  }
}
