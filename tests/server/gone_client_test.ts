/** An action continues when its client has gone, as on Convex. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  actionGeneric,
  anyApi as api,
  httpActionGeneric,
  httpRouter,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { pause } from "../../src/testing/support/pause.ts";

interface Steps {
  begun: PromiseWithResolvers<void>;
  goOn: PromiseWithResolvers<void>;
  done: PromiseWithResolvers<void>;
}

const newSteps = (): Steps => ({
  begun: Promise.withResolvers(),
  goOn: Promise.withResolvers(),
  done: Promise.withResolvers(),
});

/** Writes, waits until the client has gone, and writes again. */
function modulesOf({ begun, goOn, done }: Steps) {
  type Ctx = {
    runMutation(reference: unknown, args: object): Promise<unknown>;
  };
  const work = async (ctx: Ctx) => {
    const { add } = api.steps!;
    await ctx.runMutation(add, { name: "first" });
    begun.resolve();
    await goOn.promise;
    await ctx.runMutation(add, { name: "second" }).then(
      () => done.resolve(),
      done.reject,
    );
  };
  const http = httpRouter();
  http.route({
    path: "/whole",
    method: "POST",
    handler: httpActionGeneric(async (ctx) => {
      await work(ctx);
      return new Response("done");
    }),
  });
  http.route({
    path: "/stream",
    method: "POST",
    // deno-lint-ignore require-await -- what is streamed comes later
    handler: httpActionGeneric(async (ctx) => {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const stream = async () => {
        await writer.write(new TextEncoder().encode("first"));
        await work(ctx);
        // Nobody reads it.
        await writer.close().catch(() => {});
      };
      void stream();
      return new Response(readable);
    }),
  });
  return {
    http: { default: http },
    steps: {
      work: actionGeneric(work),
      add: mutationGeneric(async (ctx, { name }) => {
        await ctx.db.insert("steps", { name });
      }),
      names: queryGeneric(async (ctx) =>
        (await ctx.db.query("steps").collect()).map(({ name }) => name)
      ),
    },
  };
}

for (
  const [path, body] of [
    ["/api/action", { path: "steps:work", args: {} }],
    ["/api/function", { path: "steps:work", args: {} }],
    ["/http/whole", {}],
    ["/http/stream", {}],
  ] as const
) {
  Deno.test(`an action goes on when its client has gone: ${path}`, async () => {
    const steps = newSteps();
    const modules = modulesOf(steps);
    const engine = openEngine({ modules, store: openMemoryStore() });
    await using server = startSyncServer(engine);
    const leaving = new AbortController();
    const ask = async () => {
      const response = await fetch(server.url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: leaving.signal,
      });
      await response.text();
    };
    const asked = assertRejects(ask, DOMException);
    await steps.begun.promise;
    leaving.abort();
    await asked;
    // The server learns of it a little later.
    await pause(100);
    steps.goOn.resolve();
    await steps.done.promise;
    const { value } = await engine.run("query", "steps:names", {});
    assertEquals(value, ["first", "second"]);
    await engine.close();
  });
}
