/** Whether a tenant can notice others: every answer is the same with them as without. */
import { assertEquals } from "@std/assert";
import type { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { surfacePrograms } from "../../src/testing/facade/surface/surface_contract.ts";
import { inlineClient } from "../support/inline_cortex.ts";

type Results = Record<string, unknown[]>;

Deno.test("no method's answer reveals that other tenants have the same ids, spaces, users and texts", async () => {
  await using lonely = inlineClient();
  await using shared = inlineClient();
  for (const tenantId of ["acme2", "acm", "beta"]) {
    await resultsOf(shared, tenantId);
  }
  const among = await resultsOf(shared, "acme");
  assertEquals(among, await resultsOf(lonely, "acme"));
});

/** Calls every method with every parameter; what it answers, without what is made up anew each time. */
async function resultsOf(
  client: AsyncConvexClient,
  tenantId: string,
): Promise<Results> {
  const auth = { userId: "me", tenantId, organizationId: "org" };
  const cortex = new Cortex({ client, logger: silent, auth });
  const results: Results = {};
  for (const [module, program] of Object.entries(surfacePrograms)) {
    const ids = new Map<string, string>();
    const answers: unknown[] = results[module] = [];
    const methods = cortex[module as "facts"];
    const watched = new Proxy(methods, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]) => {
          const answer: unknown = Reflect.apply(method, target, args);
          if (!(answer instanceof Promise)) return answer;
          return answer.then((value: unknown) => {
            answers.push([name, plain(value, ids)]);
            return value;
          });
        };
      },
    });
    await program({ [module]: watched } as unknown as Cortex);
  }
  return results;
}

const MADE_UP = /\b(conv|msg|mem|mem-partial|fact|fh)-\d{13}-[a-z0-9]+/g;
const TIMES = /\b\d{13}\b|\b\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const ROW_IDS = /\b[a-z0-9]{31,32}\b/g;

function plain(value: unknown, ids: Map<string, string>): unknown {
  // Scores fall a little with age.
  if (typeof value === "number") {
    return value > 1e11 ? "time" : Math.round(value * 1e4) / 1e4;
  }
  if (typeof value === "string") {
    return value.replace(MADE_UP, (id) => {
      ids.set(id, ids.get(id) ?? `#${ids.size}`);
      return ids.get(id)!;
    }).replace(TIMES, "time").replace(ROW_IDS, "row");
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "queryTimeMs")
      .map(([name, member]) => [name, plain(member, ids)]),
  );
}
