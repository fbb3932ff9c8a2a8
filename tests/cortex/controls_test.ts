/** That every method of the facade ends when its caller says so. */
import { assertEquals } from "@std/assert";
import { Cortex } from "../../src/cortex/cortex.ts";
import { methodsOf } from "../../src/testing/facade/surface/methods.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import {
  surfacePrograms,
  watch,
} from "../../src/testing/facade/surface/surface_contract.ts";

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** Methods that make no call of the backend. */
const LOCAL = ["configureBeliefRevision", "hasBeliefRevision"];
const reason = new Error("enough");

for (const module of Object.keys(surfacePrograms)) {
  Deno.test(`every method of ${module} ends by its signal and its timeoutMs, and sends nothing once aborted`, async () => {
    const calls = await callsOf(module);
    let sent = 0;
    const hang = () => new Promise<never>(() => sent++);
    const client = { query: hang, mutation: hang, action: hang };
    const auth = { userId: "me", tenantId: "acme" };
    const cortex = new Cortex({
      client: client as never,
      logger: silent,
      auth,
    });
    const methods = cortex[module as "facts"] as unknown as Methods;
    const open: string[] = [];
    for (const { name, args } of calls) {
      const controls = args.pop() as object;
      const ends = async (changes: object, expected: string) => {
        const error = await errorOf(
          methods[name]!(...args, { ...controls, ...changes }),
        );
        if (!String(error).includes(expected)) open.push(`${name}: ${error}`);
      };
      sent = 0;
      await ends({ signal: AbortSignal.abort(reason) }, reason.message);
      if (sent > 0) open.push(`${name} sends ${sent} calls`);
      const giveUp = new AbortController();
      setTimeout(() => giveUp.abort(reason));
      await ends({ signal: giveUp.signal }, reason.message);
      await ends({ timeoutMs: 1 }, "timeoutMs of 1 ms");
    }
    assertEquals(open, []);
  });
}

for (const module of Object.keys(surfacePrograms)) {
  Deno.test(`every method of ${module} that takes onProgress calls it`, async () => {
    await using cortex = new Cortex({
      logger: silent,
      auth: { userId: "me", tenantId: "acme", organizationId: "org" },
    });
    const takes = new Set<string>();
    const tells = new Set<string>();
    const noting = watch(cortex as unknown as Cortex, module, (name, args) => {
      const controls = Object(args.at(-1));
      // A dry run has no steps.
      if (!("onProgress" in controls) || controls.dryRun) return;
      takes.add(name);
      const onProgress = () => void tells.add(name);
      args.splice(-1, 1, { ...controls, onProgress });
    });
    await surfacePrograms[module]!(noting);
    assertEquals([...tells].sort(), [...takes].sort());
  });
}

/** A call of each method from the module's program; the last argument has the controls. */
async function callsOf(
  module: string,
): Promise<{ name: string; args: unknown[] }[]> {
  await using cortex = new Cortex({
    logger: silent,
    auth: { userId: "me", tenantId: "acme", organizationId: "org" },
  });
  const calls = new Map<string, unknown[]>();
  const noting = watch(cortex as unknown as Cortex, module, (name, args) => {
    if ("signal" in Object(args.at(-1))) calls.set(name, [...args]);
  });
  await surfacePrograms[module]!(noting);
  const all = methodsOf(module).filter((name) => !LOCAL.includes(name));
  assertEquals([...calls.keys()].sort(), all.sort());
  return [...calls].map(([name, args]) => ({ name, args }));
}

async function errorOf(answer: unknown): Promise<unknown> {
  try {
    if (Symbol.asyncIterator in Object(answer)) {
      for await (const _ of answer as AsyncIterable<string>);
    } else await answer;
  } catch (error) {
    return error;
  }
}
