import { EngineError } from "../../errors.ts";
import type { CallFrame } from "./call_types.ts";
import type { Calls } from "./calls.ts";
import type { Component } from "../components/components.ts";
import { handlerOf, type Registered } from "../functions/functions.ts";

/** The parts of `httpRouter()` that are used. */
interface Router {
  isRouter?: boolean;
  lookup(path: string, method: string): [unknown, string, string] | null;
}

/** The HTTP action that a request is routed to. */
interface RoutedAction {
  component: Component;
  /** Its method and route, such as `GET /hello`. */
  name: string;
  handler(ctx: unknown, request: Request): Promise<Response>;
}

/**
 * Answers a request with the HTTP action that it is routed to by the module `http` of the app, or of the component with
 * a matching prefix; with status 404 if there is none. The action sees the whole URL. Rejects with what the action
 * throws.
 */
export async function answerRequest(
  calls: Calls,
  request: Request,
  frame: CallFrame,
): Promise<Response> {
  const routed = await routeOf(calls, request);
  if (routed instanceof Response) return routed;
  const { component, name, handler } = routed;
  const type = "httpAction";
  const run = () =>
    calls.runner.inline(
      { kind: type, component, transaction: undefined, name },
      frame,
      (ctx) => handler(ctx, request),
    );
  const target = { component, definition: { type, name } } as const;
  const { executions } = calls.deployment;
  const response = await (executions?.run(target, frame, run) ?? run());
  const other = unlikeResponse(response);
  if (other !== undefined) {
    throw new EngineError(
      "RETURN_VALIDATION",
      `HTTP actions must return a Response: ${name} returned ${other}`,
    );
  }
  const isWhole = request.method !== "HEAD" ||
    calls.deployment.behaviour.answersHeadInFull;
  if (isWhole) return response;
  const { status, statusText, headers, body } = response;
  // Nobody reads it, and what sends it on and on must learn of that.
  body?.cancel().catch(() => {});
  // With a null body, hosts would add `content-length: 0`, which is wrong here.
  const isEmpty = body === null || headers.has("content-length");
  return new Response(
    isEmpty ? null : new ReadableStream({ start: (body) => body.close() }),
    { status, statusText, headers },
  );
}

/** What an action returned instead of a response that can be sent; undefined: it can. Hosts never answer with others. */
function unlikeResponse(value: Response): string | undefined {
  // It may be a response of another realm.
  if (Object.prototype.toString.call(value) !== "[object Response]") {
    return typeof value;
  }
  if (value.type === "error") return "Response.error()";
  return value.bodyUsed || value.body?.locked
    ? "one whose body was read before"
    : undefined;
}

/** The HTTP action that a request is routed to, or the answer if there is none. */
async function routeOf(
  calls: Calls,
  request: Request,
): Promise<RoutedAction | Response> {
  const asked = new URL(request.url).pathname;
  const mounted = calls.components.mounted(asked);
  if (!mounted) return noRoute(calls, asked);
  const { component, pathname } = mounted;
  const router = await component.registry.defaultExport("http") as
    | Router
    | null
    | undefined;
  if (router === undefined) {
    if (calls.deployment.behaviour.needsRouter) {
      await component.registry.find("http:default", "any", false);
    }
    return new Response(
      "This Convex deployment does not have HTTP actions enabled.",
      { status: 404 },
    );
  }
  if (!router?.isRouter) {
    throw new EngineError(
      "INVALID_ROUTER",
      "http.ts must export the result of httpRouter() by default",
    );
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  const found = router.lookup(pathname, method);
  if (!found) return noRoute(calls, pathname);
  const [action, , route] = found;
  const handler = handlerOf(action as Registered) as RoutedAction["handler"];
  return { component, name: `${method} ${route}`, handler };
}

function noRoute({ deployment }: Calls, pathname: string): Response {
  const text = deployment.behaviour.noRoute(pathname);
  return new Response(text, { status: 404 });
}
