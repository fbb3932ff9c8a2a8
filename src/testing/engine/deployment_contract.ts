import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  actionGeneric,
  componentsGeneric,
  type FunctionReference,
  getServiceToken,
  getServiceUrl,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import type { EngineOptions } from "../../engine/engine.ts";
import { assertRefused, engineCase, type EngineSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const AI = "ai-gateway";

const services: EngineOptions["modules"] = {
  ask: {
    where: actionGeneric(async () => [
      await getServiceUrl(AI),
      await getServiceToken(AI),
    ]),
    url: actionGeneric(() => getServiceUrl(AI)),
    token: actionGeneric(() => getServiceToken(AI)),
    inMutation: mutationGeneric(() => getServiceUrl(AI)),
  },
};

interface Variables {
  [name: string]: string | undefined;
}

/** `process.env`, where the host has it. */
const variables = () =>
  (globalThis as { process?: { env?: Variables } }).process?.env;

const OWN = "CORTEX_TEST_OWN";
const HOSTS = "CORTEX_TEST_HOSTS";

/** A module that keeps `process.env`, as a generated `_generated/server` does, and reads a variable as it loads. */
function mailModule() {
  const kept = variables()!;
  const atLoad = kept[OWN];
  const seen = () => {
    const now = variables()!;
    return {
      atLoad: atLoad ?? null,
      kept: kept[OWN] ?? null,
      now: now[OWN] ?? null,
      hosts: now[HOSTS] ?? kept[HOSTS] ?? null,
      isListed: Object.keys(now).includes(OWN),
      isThere: OWN in now && !(HOSTS in kept),
    };
  };
  return {
    look: queryGeneric(() => Promise.resolve(seen())),
    lookLater: actionGeneric(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return seen();
    }),
  };
}

/** References to the component, as generated code types them. */
const { mail } = componentsGeneric() as unknown as {
  mail: { box: { look: QueryReference; lookLater: ActionReference } };
};
type QueryReference = FunctionReference<"query", "internal">;
type ActionReference = FunctionReference<"action", "internal">;

const app = {
  look: queryGeneric(async (ctx) => {
    const inside = await ctx.runQuery(mail.box.look);
    const own = variables()![OWN] ?? null;
    return { inside, own, hosts: variables()![HOSTS] ?? null };
  }),
  lookLater: actionGeneric(async (ctx) => {
    return await ctx.runAction(mail.box.lookLater);
  }),
};

/** What functions know about their deployment. */
export const engineDeploymentContract: ContractCase<EngineSubject>[] = [
  {
    name: "an action learns a service's address and token",
    async run(subject) {
      let asked = 0;
      const engine = subject.open({
        modules: services,
        services: {
          [AI]: {
            url: "http://127.0.0.1:9",
            token: () => Promise.resolve(`token ${++asked}`),
          },
        },
      });
      const where = () => engine.action("ask:where", {});
      assertEquals(await where(), ["http://127.0.0.1:9", "token 1"]);
      assertEquals(await where(), ["http://127.0.0.1:9", "token 2"]);
      await assertRefused(
        engine.mutation("ask:inMutation", {}),
        "FUNCTION_ERROR",
        "Unknown async operation",
        "only be called in an action",
      );
      await engine.close();
    },
  },

  {
    name: "a service that the engine was not given is an error that names it",
    async run(subject) {
      const engine = subject.open({ modules: services });
      for (const name of ["url", "token"]) {
        await assertRefused(
          engine.action(`ask:${name}`, {}),
          "FUNCTION_ERROR",
          '"ai-gateway"',
          "`services`",
        );
      }
      await engine.close();
    },
  },

  {
    name: "process.env is what a component is given, in its functions alone",
    async run(subject) {
      const host = variables();
      const open = (value: string) =>
        subject.open({
          modules: { app },
          components: {
            mail: {
              modules: { "box.ts": () => Promise.resolve(mailModule()) },
              env: { [OWN]: value },
            },
          },
        });
      const engine = open("first");
      if (!engine.capabilities.determinism || !host) {
        await engine.close();
        return;
      }
      host[HOSTS] = "host";
      try {
        const sees = (value: string) => ({
          atLoad: value,
          kept: value,
          now: value,
          hosts: null,
          isListed: true,
          isThere: true,
        });
        const outside = { own: null, hosts: "host" };
        assertEquals(await engine.query("app:look", {}), {
          inside: sees("first"),
          ...outside,
        });
        assert(variables() === host, "the host has its own again");
        const later = engine.action("app:lookLater", {});
        await Promise.resolve();
        assertEquals([variables()![OWN], variables()![HOSTS]], [
          undefined,
          "host",
        ]);
        assertEquals(await later, sees("first"));
        const other = open("second");
        const [mine, its] = await Promise.all([
          engine.action("app:lookLater", {}),
          other.action("app:lookLater", {}),
        ]);
        assertEquals([mine, its], [sees("first"), sees("second")]);
        await other.close();
        assert(variables() === host, "after both, too");
      } finally {
        delete host[HOSTS];
        await engine.close();
      }
    },
  },

  {
    name: "a component's variable that is no text is refused",
    run(subject) {
      let said = "";
      try {
        subject.open({
          modules: { app },
          components: { mail: { modules: {}, env: { PORT: 25 as never } } },
        });
      } catch (error) {
        said = String(error);
      }
      assertStringIncludes(said, 'env.PORT of the component "mail"');
      assertStringIncludes(said, "got 25");
      return Promise.resolve();
    },
  },

  engineCase(
    "a query may hash and sign, but with no random numbers of its own",
    async (engine) => {
      if (!engine.capabilities.determinism) return;
      const refused =
        "Can't use cryptographic randomness in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.";
      assertEquals(await engine.query("system:ciphers", {}), {
        digest: "allowed",
        hmac: "allowed",
        generateKey: refused,
        ecdsa: refused,
        oaep: refused,
      });
      const { subtle } = crypto;
      const hmac = { name: "HMAC", hash: "SHA-256" };
      await subtle.generateKey(hmac, true, ["sign"]);
    },
  ),

  {
    name: "an action that ends before it has got all it asked for is warned",
    async run(subject) {
      const slow = mutationGeneric(async () => {
        for (let turn = 0; turn < 200; turn++) await Promise.resolve();
      });
      const named = (name: string) =>
        name as unknown as FunctionReference<"mutation">;
      const engine = subject.open({
        modules: {
          a: {
            slow,
            ends: actionGeneric(async (ctx) => {
              await ctx.runMutation(named("a:slow"));
              ctx.runMutation(named("a:slow"));
              ctx.runMutation(named("a:slow"));
              ctx.scheduler.runAfter(1e6, named("a:slow"));
            }),
            gets: actionGeneric(async (ctx) => {
              const running = ctx.runMutation(named("a:slow"));
              await ctx.runMutation(named("a:slow"));
              await running;
            }),
          },
        },
      });
      const lines = async (name: string) =>
        (await engine.run("action", name, {})).logLines;
      assertEquals(await lines("a:ends"), [
        "[WARN] 3 unawaited operations: [mutation, schedule]. Async operations should be awaited or they might not run. See https://docs.convex.dev/functions/actions#dangling-promises for more information.",
      ]);
      assertEquals(await lines("a:gets"), []);
      await engine.mutation("a:slow", {});
      await engine.close();
    },
  },

  engineCase(
    "only a mutation may see the data as they were",
    async (engine) => {
      assertEquals(
        await engine.query("system:seeStale", {}),
        "`useStaleSnapshot` is only supported in mutations, not queries.",
      );
    },
  ),

  engineCase(
    "a query of the data as they were shares the limits of the mutation that calls it",
    async (engine) => {
      const look = (...ranges: number[]) =>
        engine.mutation("limits:lookBefore", { ranges });
      assertEquals(await look(3, 2), null);
      await assertRefused(
        look(3, 3),
        "LIMIT_EXCEEDED",
        "Too many reads in a single function execution (limit: 5)",
      );
    },
    { limits: { databaseQueries: 5 } },
  ),
];
