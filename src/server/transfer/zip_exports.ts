import type { Value } from "../../values/types.ts";
import { type AdminRoute, get, post } from "../admin/admin_routes.ts";
import { exportZip } from "./export_zip.ts";
import { HttpFault } from "../http/http_fault.ts";
import type { ServedEngine } from "../served_engine.ts";

/** Archives of all documents for `npx convex export`. Only the latest one requested can be downloaded. */
export class ZipExports {
  readonly #engine: ServedEngine;
  readonly #components: readonly string[];
  #latest: { ts: bigint; includeStorage: boolean } | undefined;

  /** Takes the engine, and the paths of its components. */
  constructor(engine: ServedEngine, components: readonly string[]) {
    this.#engine = engine;
    this.#components = components;
  }

  /** State of the latest export, as the command line reads it; null before the first. */
  latest(): Value {
    if (!this.#latest) return null;
    const { ts } = this.#latest;
    return {
      state: "completed",
      start_ts: ts,
      complete_ts: ts,
      zip_object_key: String(ts),
    };
  }

  /** Routes to request an archive and to download it. */
  routes(): AdminRoute[] {
    return [
      post("/api/export/request/zip", async ({ request, url }) => {
        await request.body?.cancel();
        const includeStorage =
          url.searchParams.get("includeStorage") === "true";
        this.#latest = { ts: this.#engine.timestamp(), includeStorage };
        return null;
      }),
      get("/api/export/zip/", ({ rest }) => this.#download(rest)),
    ];
  }

  /** The archive is written while it is sent, so it has the documents as of the download. */
  #download(ts: string): Response {
    if (!this.#latest || ts !== String(this.#latest.ts)) {
      throw new HttpFault(
        404,
        "NoSuchExport",
        `There is no export ${ts.slice(0, 80)}`,
      );
    }
    const { includeStorage } = this.#latest;
    const body = exportZip(this.#engine, this.#components, includeStorage);
    return new Response(body, {
      headers: {
        "content-type": "application/zip",
        "content-disposition": `attachment; filename=snapshot_${ts}.zip`,
      },
    });
  }
}
