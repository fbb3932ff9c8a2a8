/**
 * Whether the facade is whole: every method that it must have is there and has a case, and every name is exported. Where
 * the specification lies beside the clone, the lists are compared with its headings, too.
 */
import { assert, assertEquals } from "@std/assert";
import * as root from "../../mod.ts";
import * as auth from "../../src/cortex/auth/mod.ts";
import {
  EXPORTED_TYPES,
  EXPORTED_VALUES,
} from "../../src/testing/facade/surface/exports.ts";
import { modules } from "../../src/convex/index.ts";
import {
  FACADE_METHODS,
  methodsOf,
} from "../../src/testing/facade/surface/methods.ts";
import { pathOf } from "../../tools/command.ts";

/** Pages of the specification by module. */
const PAGES: Readonly<Record<string, string>> = {
  memorySpaces: "memory-spaces",
};
/** What the pages describe and the second half of the facade brings. */
const LATER: ReadonlySet<string> = new Set(["memory.rememberStream"]);
/** Values of the root that the second half of the facade brings. */
const LATER_VALUES: ReadonlySet<string> = new Set(
  ("GraphSyncWorker CypherGraphAdapter GovernanceValidationError A2AValidationError SessionValidationError " +
    "SessionsAPI ResilienceLayer ResiliencePresets TokenBucket Semaphore PriorityQueue CircuitBreaker " +
    "CircuitOpenError QueueFullError AcquireTimeoutError RateLimitExceededError getPriority isCritical " +
    "OPERATION_PRIORITIES ContextsValidationError A2ATimeoutError ResumableStreamError GraphDatabaseError " +
    "GraphConnectionError GraphAuthenticationError GraphQueryError GraphNotFoundError EmbeddedGraphAdapter " +
    "initializeGraphSchema initialGraphSync isRetryableError getPresetForPlan getPlanLimits")
    .split(" "),
);
/** Words of headings that are no methods. */
const NO_METHODS: ReadonlySet<string> = new Set(["getDefaultDecision"]);

const methods = Object.keys(FACADE_METHODS).flatMap((module) =>
  methodsOf(module).map((name) => ({ module, name }))
);

Deno.test("the facade has the listed methods, and no others", async () => {
  await using cortex = new root.Cortex();
  await cortex.load();
  for (const module of Object.keys(FACADE_METHODS)) {
    const found = methodNames(cortex[module as keyof typeof cortex] as object);
    assertEquals(found.sort(), methodsOf(module).sort(), module);
  }
});

Deno.test("each method of the facade is called by a case of its own, beside the one that calls them all", async () => {
  const cases = await sourcesOf(
    "src/testing/facade",
    (name) => !/surface|refusals/.test(name),
  );
  const missing = methods.filter(({ module, name }) =>
    !new RegExp(`\\b${module}\\s*\\.\\s*${name}(<\\w+>)?\\(`).test(cases)
  );
  assertEquals(missing.map(({ module, name }) => `${module}.${name}`), []);
});

Deno.test("the root exports the listed values and types", async () => {
  const missing = EXPORTED_VALUES.filter((name) => !(name in root));
  assertEquals(missing, []);
  const exported = namesIn(await Deno.readTextFile(pathOf("mod.ts")));
  const options = await Deno.readTextFile(
    pathOf("src/cortex/types/resilience.ts"),
  );
  for (const [, name] of options.matchAll(/^export \w+ (\w+)/gm)) {
    exported.add(name!);
  }
  for (const [module, types] of Object.entries(EXPORTED_TYPES)) {
    assertEquals(types.filter((name) => !exported.has(name)), [], module);
  }
});

const spec = pathOf("../shared/spec");
const hasSpec = await Deno.stat(spec).then(() => true, () => false);

if (hasSpec) {
  Deno.test("the lists of methods are those of the specification's headings", async () => {
    for (const [module, names] of Object.entries(FACADE_METHODS)) {
      const page = await Deno.readTextFile(
        `${spec}/${PAGES[module] ?? module}.md`,
      );
      const described = describedIn(page)
        .filter((name) => !LATER.has(`${module}.${name}`));
      assert(described.length > 10, `${module} has headings`);
      const lacking = described.filter((name) => !names.includes(name));
      assertEquals(lacking, [], `${module} of the specification`);
      const unheard = names.filter((name) => !page.includes(`${name}(`));
      // One heading names methods without their arguments.
      const bare = unheard.filter((name) => !described.includes(name));
      assertEquals(bare, [], `${module} of the list`);
    }
  });

  Deno.test("the values of the root are those of the specification, but for the second half's", async () => {
    const facade = await Deno.readTextFile(`${spec}/facade.md`);
    const [, values] = facade.split("\nValues, kept: ");
    const named = values!.split("\nTypes (")[0]!.match(
      /(?<=`)[A-Za-z]\w+(?=`)/g,
    )!;
    assert(named.length > 40, "facade.md names values");
    const known = new Set(EXPORTED_VALUES);
    assertEquals(
      named.filter((name) => known.has(name) === LATER_VALUES.has(name)),
      [],
    );
  });

  Deno.test("the functions of auth.md's headings are exported, and called by a case", async () => {
    const described = describedIn(await Deno.readTextFile(`${spec}/auth.md`));
    assert(described.length > 2, "auth.md has headings");
    const cases = await sourcesOf(
      "src/testing/facade",
      (name) => name === "auth_contract.ts",
    );
    for (const name of described) {
      assert(name in auth, name);
      assert(cases.includes(`${name}(`), `${name} has a case`);
    }
  });

  Deno.test("the backend has the functions of the specification's tables, and they ask for no more", async () => {
    for (const [module, name] of Object.entries(FUNCTION_PAGES)) {
      const page = await Deno.readTextFile(`${spec}/${name}.md`);
      const functions = functionsIn(page);
      assert(functions.size > 8, `${module} has tables`);
      for (const [name, { kind, args }] of functions) {
        const path = `${module}:${name}`;
        const known = modules[module]![name] as BackendFunction | undefined;
        assert(known !== undefined, path);
        assertEquals(known.isQuery ? "query" : "mutation", kind, path);
        const taken: Record<string, { optional: boolean }> =
          JSON.parse(known.exportArgs()).value;
        const names = args.map((arg) => arg.replace(/\W/g, ""));
        assertEquals(
          ["tenantId", ...names].filter((arg) => !(arg in taken)),
          [],
          path,
        );
        const asked = Object.keys(taken).filter((arg) => !taken[arg]!.optional);
        const given = args.filter((arg) => !arg.endsWith("?"))
          .map((arg) => arg.replace(/\W/g, ""));
        // Rows of several functions leave their own arguments in brackets.
        const own = /^get(Version|AtTimestamp)$/.test(name)
          ? ["version", "timestamp"]
          : [];
        assertEquals(
          asked.filter((arg) => ![...given, ...own].includes(arg)),
          [],
          path,
        );
      }
    }
  });

  Deno.test("the lists of types are those of the specification's pages", async () => {
    const known = new Set(Object.values(EXPORTED_TYPES).flat());
    for (const module of Object.keys(FACADE_METHODS)) {
      // Streaming comes with the second half.
      const [page] = (await Deno.readTextFile(
        `${spec}/${PAGES[module] ?? module}.md`,
      )).split("## 7. rememberStream");
      const types = [...page!.matchAll(/\b(?:interface|type) ([A-Z]\w+)\b/g)]
        .map(([, name]) => name!)
        .filter((name) => !/^RememberStream/.test(name));
      assertEquals(types.filter((name) => !known.has(name)), [], module);
    }
    const facade = await Deno.readTextFile(`${spec}/facade.md`);
    for (const module of ["conversations", "vector and memory", "facts"]) {
      const [, after] = facade.split(`\n- ${module}: `);
      const [names] = after!.split("\n- ");
      const types = names!.split(", all streaming types")[0]!
        .match(/[A-Z]\w+/g)!.filter((name) => !/^RememberStream/.test(name));
      assert(types.length > 10, `${module} has types`);
      assertEquals(types.filter((name) => !known.has(name)), [], module);
    }
  });
}

/** What a function of the backend declares about its arguments, and which kind it is. */
interface BackendFunction {
  isQuery?: boolean;
  exportArgs(): string;
}

/** Pages whose tables describe functions of the backend, by its modules. */
const FUNCTION_PAGES: Readonly<Record<string, string>> = {
  memories: "vector",
  conversations: "conversations",
  immutable: "immutable",
  mutable: "mutable",
  memorySpaces: "memory-spaces",
  users: "users",
  agents: "agents",
};

/** The functions of a page's tables with the names of their arguments; those with a question mark may be left out. */
function functionsIn(
  page: string,
): Map<string, { kind: string; args: string[] }> {
  const found = new Map<string, { kind: string; args: string[] }>();
  const rows = page.matchAll(
    /^\| ([\w /]+) \| (query|mutation) \| ([^|]*) \|/gm,
  );
  for (const [, names, kind, list] of rows) {
    const args = list!.replace(/\([^)]*\)|\{[^}]*\}/g, "").split(",")
      .map((arg) => /^\w+(\[\])?\??/.exec(arg.trim())?.[0] ?? "")
      .filter((arg) => arg !== "");
    for (const name of names!.split(" / ")) {
      found.set(name, { kind: kind!, args });
    }
  }
  return found;
}

/** Methods of a module's class and of those that it extends. */
function methodNames(module: object): string[] {
  const found: string[] = [];
  for (
    let prototype = Object.getPrototypeOf(module);
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) found.push(...Object.getOwnPropertyNames(prototype));
  return [...new Set(found)].filter((name) => name !== "constructor");
}

/** Methods that a page's headings describe, and its tables of methods. */
function describedIn(page: string): string[] {
  const headings = page.split("\n")
    .filter((line) => /^#{2,3} /.test(line))
    .map((line) => line.replace(/^#+ (\d+(\.\d+)?\.? )?/, ""));
  const found = headings.flatMap((heading) => {
    const called = [...heading.matchAll(
      /(?:^|[·/] )([a-z]\w*)(?:<[^>]*>)?\(/g,
    )].map(([, name]) => name!);
    const isList = /^[a-z]\w*(, [a-z]\w*)+$/.test(heading);
    return isList ? heading.split(", ") : called;
  });
  const tables = page.match(/^\| Method \|(.*\n)+?(?!\|)/gm) ?? [];
  const rows = [...tables.join("").matchAll(/^\| `([a-z]\w*)\(/gm)]
    .map(([, name]) => name!);
  return [...new Set([...found, ...rows])]
    .filter((name) => !NO_METHODS.has(name));
}

/** Names that a module exports by name. */
function namesIn(source: string): Set<string> {
  return new Set(
    [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
      .flatMap(([, names]) => names!.match(/\w+/g) ?? []),
  );
}

/** The texts of the files in a folder and in those below it, without lines that are comments. */
async function sourcesOf(
  folder: string,
  isMeant: (name: string) => boolean,
): Promise<string> {
  let all = "";
  for await (const { name, isDirectory } of Deno.readDir(pathOf(folder))) {
    if (!isMeant(name)) continue;
    if (isDirectory) {
      all += await sourcesOf(`${folder}/${name}`, isMeant);
      continue;
    }
    const text = await Deno.readTextFile(pathOf(`${folder}/${name}`));
    all += text.replace(/^\s*(\/\/|\/?\*).*$/gm, "");
  }
  return all;
}
