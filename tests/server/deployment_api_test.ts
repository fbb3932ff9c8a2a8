/** How admins list tables, and list and change variables. */
import { assertEquals } from "@std/assert";
import { Admin, variables } from "../support/admin.ts";

Deno.test("an admin can list tables and components", async () => {
  const admin = new Admin();
  const { engine } = admin;
  for (const text of ["a", "b"]) await engine.mutation("notes:add", { text });
  const size = (tableName: string, component?: string) =>
    admin.ask("_system/cli/tableSize:default", { tableName }, component);
  assertEquals(
    [await size("notes"), await size("none"), await size("notes", "box")],
    [2, 0, 0],
  );
  const components = await admin.ask("_system/frontend/components:list", {});
  assertEquals(components.map(({ path }: { path: string }) => path), [
    "",
    "box",
  ]);
  const schemas = (component?: string) =>
    admin.ask("_system/frontend/getSchemas", {}, component);
  const { tables } = JSON.parse((await schemas()).active);
  assertEquals(tables[0].indexes[0].indexDescriptor, "by_text");
  assertEquals(await schemas("box"), {});
  const watched = await admin.ask("_system/cli/queryTable", {
    tableName: "notes",
  });
  assertEquals(watched.map(({ text }: { text: string }) => text), ["b", "a"]);
  await engine.close();
});

Deno.test("variables are set and listed by the deployment's own API", async () => {
  variables.set("OLD", "1");
  const admin = new Admin({
    environment: {
      list: () => [...variables].map(([name, value]) => ({ name, value })),
      // deno-lint-ignore require-await -- as the interface has it
      async update(changes) {
        for (const { name, value } of changes) {
          if (value === null) variables.delete(name);
          else variables.set(name, value);
        }
      },
    },
  });
  const set = (name: string, value?: string | null) =>
    admin.tell("v1/update_environment_variables", {
      changes: [{ name, ...(value !== undefined && { value }) }],
    });
  const watch = admin.engine.watch("notes:variable");
  const results = watch[Symbol.asyncIterator]();
  assertEquals((await results.next()).value, null);
  await set("NEW", "2");
  assertEquals((await results.next()).value, "2");
  watch.close();
  await set("OLD");
  const get = async (path: string) =>
    await (await admin.send(path, undefined, "GET")).json();
  assertEquals(await get("v1/list_environment_variables"), {
    environmentVariables: { NEW: "2" },
  });
  const one = (name: string) =>
    admin.ask("_system/cli/queryEnvironmentVariables:get", { name });
  assertEquals(await one("NEW"), { name: "NEW", value: "2" });
  assertEquals(await one("OLD"), null);
  assertEquals(await one("CONVEX_SITE_URL"), {
    name: "CONVEX_SITE_URL",
    value: "http://127.0.0.1:3210/http",
  });
  assertEquals(await get("v1/deployment_info"), { kind: "selfHosted" });
  assertEquals(
    (await get("v1/get_canonical_urls")).convexSiteUrl,
    "http://127.0.0.1:3210/http",
  );
  for (
    const [name, value] of [
      ["_A", "1"],
      ["A b", "1"],
      ["A".repeat(257), "1"],
      ["A", "é".repeat(4097)],
      ["CONVEX_CLOUD_URL", "x"],
    ] as const
  ) {
    const { code } = await set(name, value);
    assertEquals(code, "InvalidEnvironmentVariable");
  }
  assertEquals((await set("A", 1 as never)).code, "BadJsonBody");
  const many = Array.from(
    { length: 512 },
    (_, at) => ({ name: `V${at}`, value: "" }),
  );
  const over = await admin.tell("v1/update_environment_variables", {
    changes: many,
  });
  assertEquals(over.code, "InvalidEnvironmentVariable");
  assertEquals([...variables.keys()], ["NEW"]);
  await admin.engine.close();
});

Deno.test("logs report the app's functions, not the command line's", async () => {
  const admin = new Admin();
  await admin.ask("_system/cli/tables", {});
  await admin.ask("notes:add", { text: "a" });
  const logs = await admin.send(
    "stream_function_logs?cursor=0",
    undefined,
    "GET",
  );
  const { entries } = await logs.json();
  assertEquals(
    entries.map(({ identifier }: { identifier: string }) => identifier),
    ["notes:add"],
  );
  await admin.engine.close();
});
