import type { ModuleExports } from "../../engine/engine.ts";
import { adminQuery, type Handler } from "./admin_functions.ts";
import { MAX_ADMIN_JSON_BYTES } from "./admin_routes.ts";
import { answerCall } from "../http/http_call.ts";
import { badRequest } from "../http/http_fault.ts";
import { readJson } from "../http/json_body.ts";
import { newRequestId } from "../request_sender.ts";
import type { ServedEngine } from "../served_engine.ts";

const MODULE = "_system/inline";
/** The import of `query` in the source of an inline query. */
const WRAPPERS = /import\s*\{[^}]*\}\s*from\s*["']convex:[^"']*["'];?/;
const WITHOUT_WRAPPERS =
  "const query = (definition) => definition, internalQuery = query;";

/** Runs queries written at the command line: `npx convex run --inline-query`. */
export class InlineQueries {
  /** Running queries by id. */
  readonly #handlers: Map<string, Handler> = new Map();

  /** The function that runs them, to be added to those of the app and its components. */
  functions(): { [path: string]: ModuleExports } {
    return {
      [MODULE]: {
        default: adminQuery((ctx, { id }) =>
          this.#handlers.get(String(id))!(ctx, {})
        ),
      },
    };
  }

  /**
   * Runs the query in a request's body, the JavaScript source of a module, and answers like a call. Throws `HttpFault`
   * for an invalid body, and for a module that cannot be loaded.
   */
  async answer(
    request: Request,
    engine: Pick<ServedEngine, "run">,
    evaluate: (source: string) => Promise<ModuleExports>,
  ): Promise<object> {
    const { bundle, componentId } = await readJson(
      request,
      MAX_ADMIN_JSON_BYTES,
    );
    const { source } = Object(bundle) as { source?: unknown };
    if (typeof source !== "string") {
      throw badRequest("BadJsonBody", '"bundle" must have a "source"');
    }
    const component = componentId ?? "";
    if (typeof component !== "string") {
      throw badRequest("BadJsonBody", '"componentId" must be a string');
    }
    const id = newRequestId();
    this.#handlers.set(id, handlerOf(await load(source, evaluate)));
    try {
      const text = await answerCall(
        (logLines) =>
          engine.run("query", MODULE, { id }, {
            component,
            identity: null,
            mayCallInternal: true,
            logLines,
          }),
        "encoded",
        id,
        false,
      );
      return JSON.parse(text);
    } finally {
      this.#handlers.delete(id);
    }
  }
}

async function load(
  source: string,
  evaluate: (source: string) => Promise<ModuleExports>,
): Promise<ModuleExports> {
  try {
    return await evaluate(source.replace(WRAPPERS, WITHOUT_WRAPPERS));
  } catch (error) {
    throw badRequest("InvalidModules", String(error));
  }
}

/** The handler in a default export, `query(handler)` or `query({ handler })`. */
function handlerOf(module: ModuleExports): Handler {
  const { default: defined } = module as { default?: unknown };
  const { handler = defined } = Object(defined) as { handler?: unknown };
  if (typeof handler === "function") return handler as Handler;
  throw badRequest("InvalidModules", "the module must export a default query");
}
