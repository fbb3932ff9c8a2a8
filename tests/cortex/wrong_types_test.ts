/** What the facade says of a wrong type, wherever it stands: its own error, before the backend has to refuse it. */
import { assert, assertEquals } from "@std/assert";
import { embeddedSource } from "../../src/client/sources/embedded_source.ts";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import { isCortexError } from "../../src/errors.ts";
import { isPlainObject } from "../../src/values/kinds.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import {
  surfacePrograms,
  watch,
} from "../../src/testing/facade/surface_contract.ts";

type Path = (string | number)[];
type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The caller's own data, of any form. */
const FREE_FORM = /^(metadata|data|value|config|snapshotValue|defaults)$/;
const GIVES_NO_PROMISE = /^(configure|has|exportAll)/;
const SECRET = "s3cret";
/** Of no type that a parameter has. */
const WRONG: readonly unknown[] = [null, { odd: SECRET }];

for (const [module, program] of Object.entries(surfacePrograms)) {
  Deno.test(`a wrong type in any argument of ${module} is refused by name, or does no harm`, async () => {
    const client = new AsyncConvexClient(
      embeddedSource({ kinds: ["inline"] }),
    );
    await using cortex = new Cortex({
      client,
      logger: silent,
      auth: { userId: "me", tenantId: "acme", organizationId: "org" },
    });
    const calls: { name: string; args: unknown[] }[] = [];
    await program(watch(cortex as unknown as Cortex, module, (name, args) => {
      calls.push({ name, args: args.map(copied) });
    }));
    const methods = cortex[module as "facts"] as unknown as Methods;
    for (const { name, args } of calls) {
      if (GIVES_NO_PROMISE.test(name)) continue;
      for (const path of pathsOf(args)) {
        for (const wrong of WRONG) {
          const changed = changedAt(args, path, wrong) as unknown[];
          const error = await methods[name]!(...changed)
            .then(() => undefined, (error) => error);
          if (error === undefined) continue;
          const what = `${module}.${name} ${path.join(".")}: ${error}`;
          assert(isCortexError(error), what);
          assert(error.code !== "ARGUMENT_VALIDATION", what);
          assert(!error.message.includes(SECRET), what);
        }
      }
    }
    assertEquals(calls.length > 10, true);
    await client.close();
  });
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, copied(member)]),
  );
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  const here = path.length > 0 ? [path] : [];
  if (FREE_FORM.test(String(path.at(-1)))) return here;
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.slice(0, 2).map((item, at) => [at, item])
    : isPlainObject(value)
    ? Object.entries(value)
    : [];
  return here.concat(
    ...members.map(([name, member]) => pathsOf(member, [...path, name])),
  );
}

function changedAt(value: unknown, path: Path, to: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return to;
  const copy =
    (Array.isArray(value) ? [...value] : { ...value as object }) as Record<
      string | number,
      unknown
    >;
  copy[name] = changedAt(copy[name], rest, to);
  return copy;
}
