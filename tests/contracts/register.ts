import type { ContractCase } from "../../src/testing/types.ts";

/** Makes contract cases tests of Deno. Each area has a test file of its own, so that they run side by side. */
export function register(area: string, cases: ContractCase<void>[]): void {
  for (const { name, run } of cases) {
    Deno.test(`${area}: ${name}`, () => run());
  }
}
