import { assertEquals } from "@std/assert";
import { hostModule, importHostModules } from "../../src/store/host_modules.ts";

Deno.test("a module that was imported is found without process, others by it", async () => {
  const { process } = globalThis as unknown as { process: object };
  const asked: string[] = [];
  await importHostModules((name) => {
    if (name === "node:none") return Promise.reject(new TypeError(name));
    return Promise.resolve({ imported: name });
  }, ["node:test-only", "node:none"]);
  Object.defineProperty(globalThis, "process", {
    configurable: true,
    value: {
      getBuiltinModule(name: string) {
        asked.push(name);
        if (name === "node:refused") throw new Error(name);
        return name === "node:none" ? undefined : { builtin: name };
      },
    },
  });
  try {
    assertEquals(hostModule("node:test-only"), { imported: "node:test-only" });
    assertEquals(hostModule("node:fs"), { builtin: "node:fs" });
    assertEquals(hostModule("node:none"), undefined);
    assertEquals(hostModule("node:refused"), undefined);
  } finally {
    Object.defineProperty(globalThis, "process", {
      configurable: true,
      writable: true,
      value: process,
    });
  }
  assertEquals(asked, ["node:fs", "node:none", "node:refused"]);
});
