/** What the facade says of a wrong type, wherever it stands: its own error, before the backend has to refuse it. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../src/cortex/cortex.ts";
import { isCortexError, isValidationError } from "../../src/errors.ts";
import { isPlainObject } from "../../src/values/kinds.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import {
  surfacePrograms,
  watch,
} from "../../src/testing/facade/surface/surface_contract.ts";
import { inlineClient } from "../support/inline_cortex.ts";

type Path = (string | number)[];
type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The caller's own data, of any form. */
const FREE_FORM = /^(metadata|data|value|config|snapshotValue|defaults)$/;
/** Their argument that is not the last is data of the caller's, or seen together with the last one. */
const HOLDS_ANY_NAME = new Set([
  "mutable.set",
  "users.update",
  "users.merge",
  "users.getOrCreate",
  "conversations.deleteMany",
]);
const GIVES_NO_PROMISE = /^(configure|has|exportAll)/;
/** Stands for a member that is left out. */
const MISSING = Symbol("missing");
const SECRET = "s3cret";
/** Of no type that a parameter has. */
const WRONG: readonly unknown[] = [null, { odd: SECRET }];

for (const module of Object.keys(surfacePrograms)) {
  Deno.test(`a wrong type in any argument of ${module} is refused by name, or does no harm`, () =>
    withCalls(module, async (call, calls) => {
      for (const { name, args } of calls) {
        for (const path of pathsOf(args)) {
          for (const wrong of WRONG) {
            const error = await call(name, changedAt(args, path, wrong));
            if (error === undefined) continue;
            const what = `${module}.${name} ${path.join(".")}: ${error}`;
            assert(isCortexError(error), what);
            assert(error.code !== "ARGUMENT_VALIDATION", what);
            assert(!error.message.includes(SECRET), what);
          }
        }
      }
    }));

  Deno.test(`an undefined member of any argument of ${module} is the same as none`, () =>
    withCalls(module, async (call, calls) => {
      for (const { name, args } of calls) {
        for (const path of pathsOf(args)) {
          if (typeof path.at(-1) === "number") continue;
          const [none, undef] = [
            await call(name, changedAt(args, path, MISSING)),
            await call(name, changedAt(args, path, undefined)),
          ];
          const what = `${module}.${name} ${path.join(".")}`;
          assertEquals(refusalOf(undef), refusalOf(none), what);
        }
      }
    }));
}

Deno.test("controls anywhere but in the last argument are refused by name", async () => {
  for (const module of Object.keys(surfacePrograms)) {
    await withCalls(module, async (call, calls) => {
      for (const { name, args } of calls) {
        for (const [at, arg] of args.entries()) {
          if (!isPlainObject(arg) || "signal" in arg) continue;
          if (HOLDS_ANY_NAME.has(`${module}.${name}`)) continue;
          for (const control of ["timeoutMs", "signal", "onProgress"]) {
            const error = await call(name, changedAt(args, [at, control], 5));
            const what = `${module}.${name} ${at}.${control}: ${error}`;
            assert(isValidationError(error), what);
            const says = `${control} must be in the options`;
            assert(error.message.startsWith(says), what);
          }
        }
      }
    });
  }
});

Deno.test("a string or an array in place of the object with the arguments is refused, and never taken for no condition", async () => {
  for (const module of Object.keys(surfacePrograms)) {
    await withCalls(module, async (call, calls) => {
      for (const { name, args } of calls) {
        // These take a list as well.
        if (/^(delete|update)Many$/.test(name) && module === "users") continue;
        if (!isPlainObject(args[0])) continue;
        for (const wrong of ["space", ["space"]]) {
          const error = await call(name, changedAt(args, [0], wrong));
          assert(isValidationError(error), `${module}.${name}: ${error}`);
        }
      }
    });
  }
});

type Calls = readonly { name: string; args: unknown[] }[];

/** Runs with the calls of a module's program, and what gives the error of such a call. */
async function withCalls(
  module: string,
  run: (
    call: (name: string, args: unknown) => Promise<unknown>,
    calls: Calls,
  ) => Promise<void>,
): Promise<void> {
  const client = inlineClient();
  await using cortex = new Cortex({
    client,
    logger: silent,
    auth: { userId: "me", tenantId: "acme", organizationId: "org" },
  });
  const calls: { name: string; args: unknown[] }[] = [];
  const watched = watch(cortex as unknown as Cortex, module, (name, args) => {
    calls.push({ name, args: args.map(copied) });
  });
  await surfacePrograms[module]!(watched);
  assert(calls.length > 10);
  const methods = cortex[module as "facts"] as unknown as Methods;
  await run(
    (name, args) =>
      methods[name]!(...args as unknown[])
        .then(() => undefined, (error) => error),
    calls.filter(({ name }) => !GIVES_NO_PROMISE.test(name)),
  );
  await client.close();
}

/** Why a call was refused for its arguments; what the data has against it depends on the calls before. */
function refusalOf(error: unknown): unknown {
  if (isValidationError(error)) return `${error.code} ${error.message}`;
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "ARGUMENT_VALIDATION" ? error : undefined;
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
  if (copy[name] === MISSING) delete copy[name];
  return copy;
}
