import type { FileGate, ServedFile } from "../../engine/engine.ts";
import { isCortexError } from "../../errors.ts";
import { HttpFault } from "./http_fault.ts";
import { readBytes } from "./request_body.ts";

/** Bytes of a file that are read at once when it is sent. */
const CHUNK_BYTES = 1024 * 1024;

/** Format of the secret names of files. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Media types that no browser displays as a page. */
const NOT_A_PAGE =
  /^(application\/pdf|(audio|font|image|video)\/[\w.-]+)\s*(;[^,]*)?$/i;

/**
 * Gives a stored page an origin of its own. On Convex, files are on a host of their own; here the application, or HTTP
 * actions that set cookies, may share the host, and a stored script would act as the user who opens it.
 */
const OWN_ORIGIN =
  "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/** HTTP status and Convex's code for the engine's error codes of an upload. */
const uploadFaults: { [code: string]: [status: number, code: string] } = {
  UPLOAD_URL_INVALID: [401, "StorageTokenInvalid"],
  CHECKSUM_MISMATCH: [400, "Sha256Mismatch"],
  LIMIT_EXCEEDED: [413, "FileTooLarge"],
};

/** Uploads of the greatest length that may be in progress at once: they are in memory until stored. */
const FILES_AT_ONCE = 8;

/** The uploads in progress of a server. */
export interface Uploads {
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** Bytes that have arrived of all uploads. */
  arrived: number;
}

/** Answers `POST /api/storage/upload?token=…`. Throws `HttpFault`. */
export async function answerUpload(
  files: FileGate,
  request: Request,
  url: URL,
  uploads: Uploads,
): Promise<string> {
  const token = url.searchParams.get("token") ?? "";
  // Without a valid token the body is not read; storing an empty file throws the right error.
  if (!files.takes(token)) {
    await request.body?.cancel();
    return await store(files, request, token, new Uint8Array());
  }
  const { maxBytes } = uploads;
  let arrived = 0;
  let isFull = false;
  try {
    const bytes = await readBytes(request, maxBytes, (size) => {
      arrived += size;
      uploads.arrived += size;
      isFull = uploads.arrived > FILES_AT_ONCE * maxBytes;
      return !isFull;
    });
    if (bytes) return await store(files, request, token, bytes);
    throw isFull
      ? new HttpFault(503, "Overloaded", "Too many files are on their way.")
      : new HttpFault(
        413,
        "FileTooLarge",
        `A file must have at most ${maxBytes} bytes`,
      );
  } finally {
    uploads.arrived -= arrived;
  }
}

async function store(
  files: FileGate,
  request: Request,
  token: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const [, sha256] = /(?:^|,\s*)sha-256=([A-Za-z0-9+/=]+)/i.exec(
    request.headers.get("digest") ?? "",
  ) ?? [];
  try {
    const storageId = await files.upload(
      token,
      bytes,
      {
        contentType: request.headers.get("content-type") ?? undefined,
        ...(sha256 === undefined ? {} : { sha256 }),
      },
    );
    return JSON.stringify({ storageId });
  } catch (error) {
    const [status, code] = isCortexError(error)
      ? uploadFaults[error.code] ?? []
      : [];
    if (status === undefined || code === undefined) throw error;
    throw new HttpFault(status, code, (error as Error).message);
  }
}

/** Answers `GET` and `HEAD` of `/api/storage/NAME`, also for a range of bytes. Throws `HttpFault`. */
export async function answerDownload(
  files: FileGate,
  request: Request,
  name: string,
): Promise<Response> {
  if (!UUID.test(name)) {
    throw new HttpFault(
      400,
      "InvalidStoragePath",
      `Invalid storage path: "${name}". Please use \`storage.getUrl()\` to generate a valid URL to retrieve files. See https://docs.convex.dev/file-storage/serve-files for more details`,
    );
  }
  const file = await files.open(name);
  if (!file) {
    throw new HttpFault(404, "FileNotFound", `There is no such file`);
  }
  const { size, contentType, sha256 } = file;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=2592000",
    "digest": `sha-256=${sha256}`,
  });
  if (contentType) headers.set("content-type", contentType);
  if (!NOT_A_PAGE.test(contentType ?? "")) {
    headers.set("content-security-policy", OWN_ORIGIN);
  }
  const range = rangeOf(request.headers.get("range"), size);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: size };
  headers.set("content-length", String(end - start));
  if (range) {
    headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  }
  return new Response(
    request.method === "HEAD" ? null : streamOf(file, start, end),
    { status: range ? 206 : 200, headers },
  );
}

/**
 * The range of bytes that a `Range` header asks for, `end` exclusive; undefined for the whole file, as without a valid
 * header with a single range.
 */
function rangeOf(
  header: string | null,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    if (length === 0) return "unsatisfiable";
    return { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return undefined;
  return start < size ? { start, end } : "unsatisfiable";
}

function streamOf(
  file: ServedFile,
  start: number,
  end: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = start;
  return new ReadableStream({
    async pull(controller) {
      if (position < end) {
        const next = Math.min(position + CHUNK_BYTES, end);
        controller.enqueue(await file.read(position, next));
        position = next;
      }
      if (position >= end) controller.close();
    },
  }, { highWaterMark: 0 });
}
