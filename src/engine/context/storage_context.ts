import { decodeBase64 } from "../../values/base64.ts";
import { formatJson } from "../../values/format_json.ts";
import { encodeHex } from "../../values/hex.ts";
import { type ContextHost, inTransaction } from "./context_host.ts";
import { wrongId } from "../documents/document_ids.ts";
import { checksumOf } from "../files/checksum.ts";
import {
  deleteFile,
  fileDocument,
  fileName,
  readFile,
  storeFile,
} from "../files/files.ts";
import { requireArgument } from "../plan/require_argument.ts";
import type { Run } from "../run/run.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { createUploadToken } from "../files/uploads.ts";

/** `ctx.storage` of a query. */
export function storageReader(run: Run, host: ContextHost) {
  return {
    getUrl: async (storageId: string): Promise<string | null> => {
      requireArgument(storageId, 1, "getUrl", "storageId");
      const { urlsEndInChecksum } = host.deployment.behaviour;
      const nameOf = urlsEndInChecksum ? checksum : fileName;
      const name = await inTransaction(
        { host, run, writable: false },
        (transaction) => nameOf(transaction, checkId(transaction, storageId)),
      );
      return name === undefined
        ? null
        : `${host.deployment.url}/api/storage/${name}`;
    },
    getMetadata: async (storageId: string) => {
      requireArgument(storageId, 1, "getMetadata", "storageId");
      const document = await inTransaction(
        { host, run, writable: false },
        (transaction) =>
          fileDocument(transaction, checkId(transaction, storageId)),
      );
      if (!document) return null;
      const { sha256, size, contentType = null } = document;
      return { storageId, sha256: inHex(String(sha256)), size, contentType };
    },
  };
}

/** `ctx.storage` of a mutation or an action. */
export function storageWriter(run: Run, host: ContextHost) {
  return {
    ...storageReader(run, host),
    generateUploadUrl: async (): Promise<string> => {
      const token = await inTransaction(
        { host, run, writable: true },
        (transaction) => createUploadToken(transaction, host.nowOf(run)),
      );
      return `${host.deployment.url}/api/storage/upload?token=${token}`;
    },
    delete: async (storageId: string): Promise<void> => {
      requireArgument(storageId, 1, "delete", "storageId");
      await inTransaction({ host, run, writable: true }, (transaction) => {
        const id = checkId(transaction, storageId);
        deleteFile(transaction, id);
        transaction.meter.uncountFileWrite(id);
      });
    },
    store: (blob: Blob, options?: { sha256?: string }): Promise<string> =>
      storeBlob(run, host, blob, options?.sha256),
    get: async (storageId: string): Promise<Blob | null> => {
      requireArgument(storageId, 1, "get", "storageId");
      return await inTransaction(
        { host, run, writable: false },
        (transaction) => {
          const id = checkId(transaction, storageId);
          const document = fileDocument(transaction, id);
          if (!document) return null;
          const { size, contentType } = document;
          run.fileMeter?.countFileRead(storageId, Number(size));
          const bytes = readFile(transaction, id, 0, Number(size));
          return new Blob([bytes], { type: String(contentType ?? "") });
        },
      );
    },
  };
}

async function storeBlob(
  run: Run,
  host: ContextHost,
  blob: Blob,
  expected: string | undefined,
): Promise<string> {
  const got = run.unawaited?.add("storage.store");
  try {
    return await storeBytes(run, host, blob, expected);
  } finally {
    got?.();
  }
}

async function storeBytes(
  run: Run,
  host: ContextHost,
  blob: Blob,
  expected: string | undefined,
): Promise<string> {
  if (!isBlob(blob)) {
    throw new Error(
      "store() expects a Blob. If you are trying to store a Request, `await request.blob()` will give you the correct input.",
    );
  }
  const bytes = new Uint8Array(await blob.arrayBuffer());
  run.fileMeter?.checkFileWrite(bytes.length);
  const { behaviour } = host.deployment;
  const isChecked = behaviour.checksFilesOfActions ||
    run.fileMeter !== undefined;
  const sha256 = await checksumOf(
    bytes,
    isChecked ? expected : undefined,
  );
  return await inTransaction({ host, run, writable: true }, (transaction) => {
    const contentType = blob.type || undefined;
    const id = storeFile(transaction, { bytes, contentType, sha256 });
    run.fileMeter?.countFileWrite(id, bytes.length);
    return id;
  });
}

function isBlob(value: unknown): value is Blob {
  // It may be a blob of another realm.
  return value instanceof Blob ||
    Object.prototype.toString.call(value) === "[object Blob]";
}

/** A checksum of `_storage` as `getMetadata` writes it, which on Convex writes it differently. */
function inHex(sha256: string): string {
  return encodeHex(decodeBase64(sha256)!);
}

/** SHA-256 of a file, as `_storage` has it; undefined when there is none. */
function checksum(transaction: Transaction, id: string): string | undefined {
  return fileDocument(transaction, id)?.sha256 as string | undefined;
}

/** Checks an id of `_storage`; the file need not exist. Throws `INVALID_ID`. */
function checkId(transaction: Transaction, storageId: unknown): string {
  const { catalog } = transaction.database;
  const isText = typeof storageId === "string";
  const name = isText ? catalog.nameOfId(storageId) : undefined;
  if (isText && name === "_storage") return storageId;
  throw wrongId(
    `Invalid storage ID: ${formatJson(storageId)}`,
    storageId,
    "_storage",
    name,
  );
}
