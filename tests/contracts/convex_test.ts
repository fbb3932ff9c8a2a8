import { convexTest } from "../../src/convex_test/mod.ts";
import { convexTestContract } from "../../src/testing/convex_test/contract.ts";
import type {
  ConvexTestSubject,
  Test,
} from "../../src/testing/convex_test/subject.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { counter, modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";

/** Modules as `import.meta.glob` gives them in a folder beside that of the functions. */
const globbed = Object.fromEntries([
  ["../convex/_generated/api.ts", () => Promise.resolve({})],
  ...Object.entries(modules).map(([name, module]) => [
    `../convex/${name}.ts`,
    () => Promise.resolve(module),
  ]),
]);

const subject: ConvexTestSubject = {
  make(options = {}) {
    const t = convexTest({ schema, modules: globbed, ...options });
    t.registerComponent("counter", counter.schema, {
      "./component/_generated/api.ts": () => Promise.resolve({}),
      "./component/lib.ts": counter.modules.lib,
    });
    return t as unknown as Test;
  },
};

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = convexTestContract.map((
  { name, run },
) => ({ name, run: () => run(subject) }));
