const BODILESS = [204, 205, 304];

/**
 * Lets functions pass a body to a response whose status allows none; it is dropped. Convex accepts
 * `new Response("", { status: 204 })`, Deno throws.
 */
export function allowBodilessResponses(): void {
  globalThis.Response = new Proxy(Response, {
    construct(target, [body, init, ...rest], newTarget) {
      const sent = BODILESS.includes(init?.status) ? null : body;
      return Reflect.construct(target, [sent, init, ...rest], newTarget);
    },
  });
}
