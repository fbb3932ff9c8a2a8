const BODILESS = [204, 205, 304];

/**
 * Lets functions make responses of a status that has no body with one, which is left out: Convex takes
 * `new Response("", { status: 204 })`, which Deno refuses.
 */
export function allowBodilessResponses(): void {
  globalThis.Response = new Proxy(Response, {
    construct(target, [body, init, ...rest], newTarget) {
      const sent = BODILESS.includes(init?.status) ? null : body;
      return Reflect.construct(target, [sent, init, ...rest], newTarget);
    },
  });
}
