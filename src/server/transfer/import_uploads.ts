import { formatJson } from "../../values/format_json.ts";
import {
  type AdminRequest,
  type AdminRoute,
  MAX_ADMIN_JSON_BYTES,
  post,
} from "../admin/admin_routes.ts";
import { readJson } from "../http/http_call.ts";
import { badRequest, HttpFault } from "../http/http_fault.ts";
import { type ImportPlan, type Imports, MAX_WAITING } from "./imports.ts";
import { keepLatest } from "../keep_latest.ts";
import { readBytes } from "../http/request_body.ts";

/** Parts that an upload may have. */
const MAX_PARTS = 10_000;

/** Uploads, in parts, of files to be imported. */
export class ImportUploads {
  readonly #imports: Imports;
  readonly #maxBytes: number;
  /** Parts by token. All of them are in memory, `#maxBytes` at most. */
  readonly #uploads: Map<string, Uint8Array<ArrayBuffer>[]> = new Map();

  /** Takes what imports the files, and how many bytes all uploads together may have. */
  constructor(imports: Imports, maxBytes: number) {
    this.#imports = imports;
    this.#maxBytes = maxBytes;
  }

  /** The steps in which `npx convex import` uploads a file and has it imported. */
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
    if (!parts || !isPart) {
      await request.body?.cancel();
      throw badRequest(
        "BadUpload",
        `"uploadToken" must be of an upload that has begun, "partNumber" an integer from 1 to ${MAX_PARTS}; got ${
          formatJson([token, number])
        }`,
      );
    }
    const bytes = await readBytes(request, this.#maxBytes - this.#takenBytes());
    if (!bytes) {
      throw new HttpFault(
        413,
        "FileTooLarge",
        `What is imported must have at most ${this.#maxBytes} bytes`,
      );
    }
    parts[number - 1] = bytes;
    return String(number);
  }

  #takenBytes(): number {
    let taken = 0;
    for (const parts of this.#uploads.values()) {
      // Parts that have not arrived yet are holes.
      for (const part of parts) taken += part?.length ?? 0;
    }
    return taken;
  }

  async #finish({ request }: AdminRequest): Promise<object> {
    const body = await readJson(request, MAX_ADMIN_JSON_BYTES);
    const token = String(body.uploadToken);
    const parts = this.#uploads.get(token);
    this.#uploads.delete(token);
    const plan = body.import as ImportPlan | undefined;
    if (!parts || typeof plan !== "object" || plan === null) {
      throw badRequest(
        "BadUpload",
        `"uploadToken" must be of an upload that has begun, "import" a plan; got ${
          formatJson([token, plan])
        }`,
      );
    }
    const whole = await new Blob(parts).arrayBuffer();
    const importId = await this.#imports.prepare(plan, new Uint8Array(whole));
    return { importId };
  }
}
