import { ClientError } from "../../errors.ts";
import type { HandlerHost } from "../../executor/types.ts";
import { isSyncConvexClient, shown } from "../../at_once.ts";
import { runCall } from "./object_connection.ts";
import type { Call } from "../types.ts";

/** What a worker needs to build its client. */
export interface ModuleInit {
  /** Absolute URL of the module. */
  url: string;
  /** Handed to the module's `createClient`. */
  config?: unknown;
}

/**
 * Imports the module and builds its client. Rejects with `ClientError` `MODULE_FAILED` when the module cannot be
 * loaded, exports no `createClient`, or creates something that is not a client.
 */
export async function createModuleHandler(init: unknown): Promise<HandlerHost> {
  const { url, config } = init as ModuleInit;
  let module: { createClient?: unknown };
  try {
    // The URL is known only at run time, so bundlers must leave this import alone.
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ url);
  } catch (cause) {
    throw failed(url, `cannot be loaded: ${(cause as Error)?.message}`, cause);
  }
  if (typeof module.createClient !== "function") {
    throw failed(url, "exports no function createClient");
  }
  const client: unknown = await module.createClient(config);
  if (!isSyncConvexClient(client)) {
    throw failed(
      url,
      `createClient() must return an object with query, mutation and action; got ${
        shown(client)
      }`,
    );
  }
  return {
    handle: (task, { signal }) => runCall(client, task as Call, signal),
    async close() {
      await client.close?.();
    },
  };
}

function failed(url: string, what: string, cause?: unknown): ClientError {
  return new ClientError(
    "MODULE_FAILED",
    `The client module ${shown(url)} ${what}`,
    { cause },
  );
}
