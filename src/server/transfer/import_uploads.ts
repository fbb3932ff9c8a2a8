import { formatJson } from "../../values/format_json.ts";
import {
  type AdminRequest,
  type AdminRoute,
  MAX_ADMIN_JSON_BYTES,
  post,
} from "../admin/admin_routes.ts";
import { readJson } from "../http/json_body.ts";
import { badRequest, HttpFault } from "../http/http_fault.ts";
import type { ImportPlan } from "./import_reader.ts";
import { type Imports, MAX_WAITING } from "./imports.ts";
import { keepLatest } from "../keep_latest.ts";
import { readBytes } from "../http/request_body.ts";

/** Most parts of an upload. */
const MAX_PARTS = 10_000;

/** Receives files to import, uploaded in parts. */
export class ImportUploads {
  readonly #imports: Imports;
  readonly #maxBytes: number;
  /** Parts by upload token, all in memory, `#maxBytes` at most in total. */
  readonly #uploads: Map<string, Uint8Array<ArrayBuffer>[]> = new Map();
  /** Bytes received of incomplete parts. */
  #arriving = 0;

  /** `maxBytes` limits all uploads together. */
  constructor(imports: Imports, maxBytes: number) {
    this.#imports = imports;
    this.#maxBytes = maxBytes;
  }

  /** The routes by which `npx convex import` uploads and imports a file. */
  routes(): AdminRoute[] {
    return [
      post("/api/import/start_upload", async ({ request }) => {
        await request.body?.cancel();
        const uploadToken = crypto.randomUUID();
        keepLatest(this.#uploads, MAX_WAITING, uploadToken, []);
        return { uploadToken };
      }),
      post("/api/import/upload_part", (asked) => this.#takePart(asked)),
      post("/api/import/finish_upload", (asked) => this.#finish(asked)),
      post("/api/perform_import", async ({ request }) => {
        const { importId } = await readJson(request, MAX_ADMIN_JSON_BYTES);
        await this.#imports.perform(String(importId));
        return {};
      }),
    ];
  }

  async #takePart(
    { request, url: { searchParams } }: AdminRequest,
  ): Promise<string> {
    const token = searchParams.get("uploadToken") ?? "";
    const parts = this.#uploads.get(token);
    const number = Number(searchParams.get("partNumber"));
    const isPart = Number.isInteger(number) && number >= 1 &&
      number <= MAX_PARTS;
    const refusal = () =>
      badRequest(
        "BadUpload",
        `"uploadToken" must be of an upload that has begun, "partNumber" an integer from 1 to ${MAX_PARTS}; got ${
          formatJson([token, number])
        }`,
      );
    if (!parts || !isPart) {
      await request.body?.cancel();
      throw refusal();
    }
    const isKept = await this.#keep(request, parts, number - 1);
    // The upload may have been finished without this part.
    if (this.#uploads.get(token) !== parts) throw refusal();
    if (!isKept) {
      throw new HttpFault(
        413,
        "FileTooLarge",
        `What is imported must have at most ${this.#maxBytes} bytes`,
      );
    }
    return String(number);
  }

  /** Stores a part, if there is room for it beside all stored and arriving parts. */
  async #keep(
    request: Request,
    parts: Uint8Array<ArrayBuffer>[],
    at: number,
  ): Promise<boolean> {
    let arrived = 0;
    try {
      const room = this.#maxBytes - this.#takenBytes();
      const bytes = await readBytes(request, room, (size) => {
        arrived += size;
        this.#arriving += size;
        return this.#takenBytes() <= this.#maxBytes;
      });
      if (bytes) parts[at] = bytes;
      return bytes !== undefined;
    } finally {
      this.#arriving -= arrived;
    }
  }

  #takenBytes(): number {
    let taken = this.#arriving;
    for (const parts of this.#uploads.values()) {
      // Missing parts are holes in the array.
      for (const part of parts) taken += part?.length ?? 0;
    }
    return taken;
  }

  async #finish({ request }: AdminRequest): Promise<object> {
    const body = await readJson(request, MAX_ADMIN_JSON_BYTES);
    const token = String(body.uploadToken);
    const parts = this.#uploads.get(token);
    const plan = body.import as ImportPlan | undefined;
    if (!parts || typeof plan !== "object" || plan === null) {
      this.#uploads.delete(token);
      throw badRequest(
        "BadUpload",
        `"uploadToken" must be of an upload that has begun, "import" a plan; got ${
          formatJson([token, plan])
        }`,
      );
    }
    const missing = missingPart(parts, body.partTokens);
    if (missing !== undefined) {
      // The upload is kept, as the part may still come.
      throw badRequest(
        "BadUpload",
        `part ${missing} of the upload has not arrived`,
      );
    }
    this.#uploads.delete(token);
    const whole = await new Blob(parts).arrayBuffer();
    const importId = await this.#imports.prepare(plan, new Uint8Array(whole));
    return { importId };
  }
}

/** The first missing part: before the last one received, or among those whose tokens the client lists. */
function missingPart(
  parts: readonly Uint8Array[],
  tokens: unknown,
): string | undefined {
  for (let at = 0; at < parts.length; at++) {
    // Parts arrive in any order.
    if (!parts[at]) return String(at + 1);
  }
  const confirmed = Array.isArray(tokens) ? tokens.map(String) : [];
  return confirmed.find((token) => !parts[Number(token) - 1])?.slice(0, 80);
}
