import { assertEquals } from "@std/assert";
import {
  defineSchema,
  type FunctionReference,
  type GenericDataModel,
  queryGeneric,
} from "convex/server";
import { defineTestApp, type TestConvexRoot } from "../../convex_test/mod.ts";
import { type ConvexTestSubject, testCase } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const schema = defineSchema({});

interface Variables {
  [name: string]: string | undefined;
}

/** `process.env`, where the host has it. */
const variables = () =>
  (globalThis as { process?: { env?: Variables } }).process?.env;

/** References to the component, as its generated code types them. */
interface MailApi {
  box: {
    key: FunctionReference<
      "query",
      "internal",
      Record<string, never>,
      (string | null)[]
    >;
  };
}

/** A component's helper. Its module is loaded once, as modules are, whichever backend asks first. */
function mailHelper() {
  let loaded: object | undefined;
  return {
    register: (t: TestConvexRoot<GenericDataModel>, name: string) =>
      t.registerComponent<MailApi>(name, schema, {
        "./_generated/api.ts": () => Promise.resolve({}),
        "./box.ts": () => Promise.resolve(loaded ??= mailModule()),
      }),
  };
}

function mailModule() {
  const kept = variables()!;
  return {
    key: queryGeneric(() =>
      Promise.resolve([kept.MAIL_KEY ?? null, variables()!.MAIL_KEY ?? null])
    ),
  };
}

/** Components of a backend under test. */
export const convexTestComponentContract: ContractCase<ConvexTestSubject>[] = [
  testCase(
    "a component of a test sees the variables that the test gives it",
    async () => {
      if (!variables()) return;
      const mail = mailHelper();
      const key = async (value: string) => {
        const app = defineTestApp({
          schema,
          components: { mail },
          componentEnv: { mail: { MAIL_KEY: value } },
        });
        const t = app.defineModules({}).createTest();
        const found = await t.query(app.components.mail.box.key, {});
        await t.close();
        return found;
      };
      assertEquals(await key("first"), ["first", "first"]);
      assertEquals(await key("second"), ["second", "second"]);
      assertEquals(variables()!.MAIL_KEY, undefined);
    },
    { isExact: true },
  ),
];
