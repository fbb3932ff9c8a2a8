import type { Engine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/server.ts";
import type { ConvexServerOptions } from "../../src/server/server_options.ts";
import { openSyncEngine } from "./sync_case.ts";

/** The key of the admin of the servers here. */
export const adminKey = "test|0123456789abcdef";

/** Asks a server: posts a body, or gets. */
export type Ask = (
  path: string,
  body?: unknown,
  init?: RequestInit,
  // deno-lint-ignore no-explicit-any -- answers of any shape
) => Promise<{ status: number; text: string; json: any; headers: Headers }>;

/** Registers a test that has the HTTP API over an engine. */
export function apiCase(
  name: string,
  run: (ask: Ask, engine: Engine) => Promise<void>,
  options: ConvexServerOptions = { adminKey },
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = createConvexServer(engine, options);
    const ask: Ask = async (path, body, init) => {
      const response = await server.handle(
        new Request(`http://127.0.0.1${path}`, {
          method: body === undefined ? "GET" : "POST",
          body: body === undefined || typeof body === "string"
            ? body
            : JSON.stringify(body),
          ...init,
        }),
      );
      const text = await response.text();
      const isJson = response.headers.get("content-type") ===
        "application/json";
      return {
        status: response.status,
        text,
        headers: response.headers,
        json: isJson ? JSON.parse(text) : undefined,
      };
    };
    try {
      await run(ask, engine);
    } finally {
      await engine.close();
    }
  });
}
