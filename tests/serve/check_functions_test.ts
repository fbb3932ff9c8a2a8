/** What is pushed, or in a folder, and is not taken, as Convex does not take it. */
import { assertEquals, assertRejects } from "@std/assert";
import { FunctionBundler } from "../../tools/serve/bundle_functions.ts";
import { checkFunctions } from "../../tools/serve/check_functions.ts";
import { loadFunctions } from "../../tools/serve/load_functions.ts";
import { PushedFunctions } from "../../tools/serve/pushed_functions.ts";
import { runServe } from "../support/serving.ts";

const server = JSON.stringify(
  new URL("../../node_modules/convex/dist/esm/server/index.js", import.meta.url)
    .href,
);
const tasks =
  `import { queryGeneric, mutationGeneric, actionGeneric } from ${server};
export const list = queryGeneric(() => 1);
export const add = mutationGeneric(() => 1);
export const ask = actionGeneric(() => 1);
export const limit = 5;`;
const cron = (target: string) =>
  `import { anyApi, cronJobs } from ${server};
const jobs = cronJobs();
jobs.hourly("tidy", { minuteUTC: 1 }, anyApi.${target});
export default jobs;`;

/** Takes modules as a push brings them. */
async function push(
  sources: { [path: string]: string },
  forNode: readonly string[] = [],
): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  const changedModules = Object.entries(sources).map(([path, source]) => ({
    path,
    source,
    environment: forNode.includes(path) ? "node" as const : "isolate" as const,
  }));
  try {
    const pushed = new PushedFunctions({
      dryRun: false,
      appDefinition: {
        definition: null,
        dependencies: [],
        schema: null,
        changedModules,
      },
      componentDefinitions: [],
      nodeDependencies: [],
    }, folder);
    const modules = await pushed.modules("");
    checkFunctions(modules);
    return Object.keys(modules);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a push is taken whose cron jobs are of actions and mutations, and whose Node modules have actions", async () => {
  for (const target of ["tasks.add", "tasks.ask"]) {
    const sources = { "tasks.js": tasks, "crons.js": cron(target) };
    assertEquals(await push(sources), ["tasks", "crons"]);
  }
  const actions = tasks.replace(/.*(query|mutation)Generic\(.*\n/g, "");
  assertEquals(await push({ "a/b.js": actions }, ["a/b.js"]), ["a/b"]);
});

for (
  const [what, sources, forNode, text] of [
    [
      "a cron job of no function",
      { "tasks.js": tasks, "crons.js": cron("tasks.none") },
      [],
      "The cron job 'tidy' schedules a function that does not exist: tasks.js:none",
    ],
    [
      "a cron job of a constant",
      { "tasks.js": tasks, "crons.js": cron("tasks.limit") },
      [],
      "The cron job 'tidy' schedules a function that does not exist: tasks.js:limit",
    ],
    [
      "a cron job of a module that is not there",
      { "crons.js": cron("a.b.none") },
      [],
      "The cron job 'tidy' schedules a function that does not exist: a/b.js:none",
    ],
    [
      "a cron job of a query",
      { "tasks.js": tasks, "crons.js": cron("tasks.list") },
      [],
      "The cron job 'tidy' schedules a query function, only actions and mutations can be scheduled: tasks.js:list",
    ],
    [
      "other things than cron jobs",
      { "crons.js": "export default { crons: {} };" },
      [],
      "the default export of crons.js is no cronJobs()",
    ],
    [
      "other things than routes",
      { "http.js": "export default { routes: [] };" },
      [],
      "the default export of http.js is no httpRouter()",
    ],
    [
      "a query for Node",
      { "a/b.js": tasks.replace(/.*mutationGeneric\(.*\n/, "") },
      ["a/b.js"],
      "`list` defined in `a/b.js` is a Query function. Only actions can be defined in Node.js. See https://docs.convex.dev/functions/actions for more details.",
    ],
    [
      "a mutation for Node",
      { "tasks.js": tasks.replace(/.*queryGeneric\(.*\n/, "") },
      ["tasks.js"],
      "`add` defined in `tasks.js` is a Mutation function. Only actions can be defined in Node.js. See https://docs.convex.dev/functions/actions for more details.",
    ],
    [
      "a module that throws while it is loaded",
      { "tasks.js": tasks, "a/b.js": "throw new TypeError('no key');" },
      [],
      "Failed to analyze a/b.js: Uncaught TypeError: no key",
    ],
  ] as const
) {
  Deno.test(`a push with ${what} is refused, and says why`, async () => {
    const error = await assertRejects(() => push(sources, forNode), Error);
    assertEquals(error.message, text);
  });
}

Deno.test("a folder in which two files would be one module, or whose project has a convex.json that is no JSON, is refused", async () => {
  const project = await Deno.makeTempDir();
  const folder = `${project}/convex`;
  await Deno.mkdir(folder);
  for (const name of ["schema.js", "schema.ts", "tasks.js", "tasks.mts"]) {
    await Deno.writeTextFile(
      `${folder}/${name}`,
      `export const name = "${name}";`,
    );
  }
  await assertRejects(
    () => FunctionBundler.lend([], (bundler) => bundler.modules(folder)),
    Error,
    "tasks.js and tasks.mts would be the same module",
  );
  await Deno.remove(`${folder}/tasks.js`);
  const modules = await FunctionBundler.lend(
    [],
    (bundler) => bundler.modules(folder),
  );
  assertEquals(
    Object.values(modules).map(({ name }) => name),
    ["schema.ts", "tasks.mts"],
  );
  await Deno.writeTextFile(`${project}/convex.json`, "{ // comment\n}");
  await assertRejects(
    () => loadFunctions(folder, { cloud: "http://a", site: "http://b" }),
    Error,
    "convex.json: ",
  );
  await Deno.remove(project, { recursive: true });
});

Deno.test("serve does not take a folder with a query for Node", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/tasks.ts`,
    `"use node";\nexport const list = Object.assign(() => 1, { isQuery: true });`,
  );
  const { code, stderr } = await runServe(["--functions", folder], {});
  await Deno.remove(folder, { recursive: true });
  assertEquals(
    [code, stderr],
    [
      1,
      "serve: `list` defined in `tasks.js` is a Query function. Only actions can be defined in Node.js. See https://docs.convex.dev/functions/actions for more details.\n",
    ],
  );
});
