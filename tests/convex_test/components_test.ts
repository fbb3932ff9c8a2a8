/** Public components from npm do on `convexTest` what their documentation says. */
import { assertEquals } from "@std/assert";
import { ActionRetrier, type RunId } from "@convex-dev/action-retrier";
import {
  cancel,
  sendEvent,
  start,
  type WorkflowId,
  WorkflowManager,
} from "@convex-dev/workflow";
import { vOnCompleteArgs, type WorkId, Workpool } from "@convex-dev/workpool";
import {
  anyApi,
  componentsGeneric,
  defineSchema,
  defineTable,
  internalActionGeneric as internalAction,
  internalMutationGeneric as internalMutation,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { v } from "convex/values";
import { convexTest } from "../../src/convex_test/mod.ts";
import { withFakeClock } from "../../src/testing/convex_test/subject.ts";

/** What a component's type is, is in its own `_generated` folder: a project has it in its. */
const components = componentsGeneric() as unknown as { [name: string]: never };
const app = anyApi.app!;

const retry = { maxAttempts: 3, initialBackoffMs: 100, base: 2 };
const pool = new Workpool(components.pool!, {
  maxParallelism: 2,
  retryActionsByDefault: true,
  defaultRetryBehavior: retry,
});
const workflow = new WorkflowManager(components.workflow!);
const retrier = new ActionRetrier(components.retrier!, {
  initialBackoffMs: 100,
  base: 2,
  maxFailures: 2,
});

const schema = defineSchema({ log: defineTable({ line: v.any() }) });

const functions = {
  log: internalMutation({
    args: { line: v.any() },
    handler: async (ctx, { line }) => {
      await ctx.db.insert("log", { line });
      return line;
    },
  }),
  /** An action that fails until it has been called so many times. */
  work: internalAction({
    args: { name: v.string(), failures: v.optional(v.number()) },
    handler: async (ctx, { name, failures = 0 }): Promise<string> => {
      await ctx.runMutation(app.log!, { line: `try ${name}` });
      const lines: unknown[] = await ctx.runQuery(app.lines!);
      const tries = lines.filter((line) => line === `try ${name}`).length;
      if (tries <= failures) throw new Error(`${name} fails`);
      return `${name} done`;
    },
  }),
  lines: query({
    args: {},
    handler: async (ctx) =>
      (await ctx.db.query("log").collect()).map(({ line }) => line),
  }),
  done: internalMutation({
    args: vOnCompleteArgs(v.any()),
    handler: async (ctx, { result, context }) => {
      await ctx.db.insert("log", { line: [context, result] });
    },
  }),
  enqueue: mutation({
    args: { name: v.string(), failures: v.optional(v.number()) },
    handler: async (ctx, args): Promise<string> =>
      await pool.enqueueAction(ctx, app.work!, args as never, {
        onComplete: app.done!,
        context: args.name,
      }),
  }),
  poolStatus: query({
    args: { id: v.string() },
    handler: (ctx, { id }) => pool.status(ctx, id as WorkId),
  }),
  greet: workflow.define({ args: { name: v.string() } }).handler(
    async (step, { name }): Promise<unknown> => {
      const first = await step.runAction(app.work!, { name }, { retry: true });
      const both = await Promise.all([
        step.runAction(app.work!, { name: `${name}1`, failures: 1 }, { retry }),
        step.runMutation(app.log!, { line: "inside" }),
      ]);
      const event = await step.awaitEvent({ name: "go", validator: v.any() });
      await step.sleep(24 * 60 * 60 * 1000);
      try {
        await step.runAction(app.work!, { name: "bad", failures: 9 });
      } catch (error) {
        return { first, both, event, error: (error as Error).message };
      }
    },
  ),
  start: mutation({
    args: { name: v.string() },
    handler: async (ctx, args): Promise<string> =>
      await start(ctx, app.greet!, args as never, {
        onComplete: app.greeted!,
        context: "ctx",
      }),
  }),
  greeted: internalMutation({
    args: { workflowId: v.string(), result: v.any(), context: v.any() },
    handler: async (ctx, { result, context }) => {
      await ctx.db.insert("log", { line: [context, result] });
    },
  }),
  go: mutation({
    args: { id: v.string() },
    handler: (ctx, { id }) =>
      sendEvent(ctx, components.workflow!, {
        name: "go",
        workflowId: id as WorkflowId,
        value: 42,
      } as never),
  }),
  stop: mutation({
    args: { id: v.string() },
    handler: (ctx, { id }) =>
      cancel(ctx, components.workflow!, id as WorkflowId),
  }),
  status: query({
    args: { id: v.string() },
    handler: async (ctx, { id }): Promise<string> =>
      (await workflow.status(ctx, id as WorkflowId)).type,
  }),
  retry: mutation({
    args: { name: v.string(), failures: v.number() },
    handler: (ctx, args): Promise<string> =>
      retrier.run(ctx, app.work!, args as never),
  }),
  retried: query({
    args: { id: v.string() },
    handler: (ctx, { id }) => retrier.status(ctx, id as RunId),
  }),
};

/** Adds a component of `node_modules` with the modules that it publishes. */
async function register(
  t: ReturnType<typeof convexTest>,
  path: string,
  name: string,
): Promise<void> {
  const folder = new URL(
    `../../node_modules/@convex-dev/${name}/dist/component/`,
    import.meta.url,
  );
  const modules: { [path: string]: () => Promise<unknown> } = {};
  for (const inner of ["", "_generated/"]) {
    for await (const { name } of Deno.readDir(new URL(inner, folder))) {
      if (!name.endsWith(".js")) continue;
      const { href } = new URL(inner + name, folder);
      modules[`./component/${inner}${name}`] = () => import(href);
    }
  }
  const { default: schema } = await modules["./component/schema.js"]!() as {
    default: never;
  };
  t.registerComponent(path, schema, modules);
}

/** What a case has: calls by name, and what runs all that is scheduled. */
interface Backend {
  query(name: string, args?: object): Promise<unknown>;
  mutation(name: string, args?: object): Promise<unknown>;
  finish(): Promise<void>;
}

function componentCase(
  name: string,
  parts: { [path: string]: string },
  run: (backend: Backend) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await withFakeClock(async (clock) => {
      const t = convexTest(schema, {
        "./_generated/api.js": () => Promise.resolve({}),
        "./app.ts": () => Promise.resolve(functions),
      });
      for (const [path, part] of Object.entries(parts)) {
        await register(t, path, part);
      }
      await run({
        query: (name, args = {}) => t.query(app[name]!, args as never),
        mutation: (name, args = {}) => t.mutation(app[name]!, args as never),
        finish: () =>
          t.finishAllScheduledFunctions(() => clock.advance(7_200_000), 10_000),
      });
      await t.close();
    });
  });
}

const failing = "tries of what fails";

componentCase("workpool runs, tries again and tells how it went", {
  "pool": "workpool",
  "pool/batchWorker": "batch-worker",
}, async ({ query, mutation, finish }) => {
  const id = await mutation("enqueue", { name: "a" });
  await mutation("enqueue", { name: "b", failures: 2 });
  await mutation("enqueue", { name: failing, failures: 9 });
  const state = async () =>
    (await query("poolStatus", { id }) as { state: string }).state;
  assertEquals(await state(), "pending");
  await finish();
  assertEquals(await state(), "finished");
  const lines = await query("lines") as unknown[];
  assertEquals(lines.filter((line) => line === `try ${failing}`).length, 3);
  assertEquals(lines.filter(Array.isArray), [
    ["a", { kind: "success", returnValue: "a done" }],
    ["b", { kind: "success", returnValue: "b done" }],
    [failing, { kind: "failed", error: `${failing} fails` }],
  ]);
});

componentCase("a workflow goes on after steps, an event, a day and a failure", {
  "workflow": "workflow",
  "workflow/workpool": "workpool",
  "workflow/workpool/batchWorker": "batch-worker",
}, async ({ query, mutation, finish }) => {
  const id = await mutation("start", { name: "w" });
  const stopped = await mutation("start", { name: "s" });
  await finish();
  assertEquals(await query("status", { id }), "inProgress");
  await mutation("stop", { id: stopped });
  await mutation("go", { id });
  await finish();
  assertEquals(await query("status", { id }), "completed");
  assertEquals(await query("status", { id: stopped }), "canceled");
  const lines = await query("lines") as unknown[];
  assertEquals(lines.filter(Array.isArray), [
    ["ctx", { kind: "canceled" }],
    ["ctx", {
      kind: "success",
      returnValue: {
        first: "w done",
        both: ["w1 done", "inside"],
        event: 42,
        error: "bad fails",
      },
    }],
  ]);
});

componentCase("a retrier gives up after so many failures", {
  "retrier": "action-retrier",
}, async ({ query, mutation, finish }) => {
  const good = await mutation("retry", { name: "good", failures: 2 });
  const bad = await mutation("retry", { name: "bad", failures: 9 });
  assertEquals(await query("retried", { id: good }), { type: "inProgress" });
  await finish();
  assertEquals(await query("retried", { id: good }), {
    type: "completed",
    result: { type: "success", returnValue: "good done" },
  });
  assertEquals(await query("retried", { id: bad }), {
    type: "completed",
    result: { type: "failed", error: "bad fails" },
  });
});
