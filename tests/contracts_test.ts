import { areas } from "./contracts/all.ts";

for (const [area, cases] of Object.entries(areas)) {
  for (const { name, run } of cases) {
    Deno.test(`${area}: ${name}`, () => run());
  }
}
