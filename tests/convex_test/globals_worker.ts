/** Reports, in a realm of its own, which globals are defined differently after tests have run. */
import { convexTest } from "../../src/convex_test/mod.ts";

async function begun() {
  const t = convexTest({ modules: {} });
  await t.run(() => Promise.resolve(null));
  return t;
}

// The host defines some of its own when a package is first looked for.
await (await begun()).close();
const defined = () => Object.getOwnPropertyDescriptors(globalThis);
const before: { [name: string]: PropertyDescriptor } = defined();
const changed = () =>
  Object.entries(defined()).filter(([name, { get, value }]) =>
    get !== before[name]?.get || !Object.is(value, before[name]?.value)
  ).map(([name]) => name);
const tests = [await begun(), await begun()];
const seen = [changed()];
for (const t of tests) {
  await t.close();
  seen.push(changed());
}
(globalThis as unknown as Worker).postMessage(seen);
