/** Auth contexts and their checks. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  createAuthContext,
  extractInjectionFields,
  validateAuthContext,
  validateAuthContextParams,
  validateAuthMethod,
  validateClaims,
  validateMetadata,
  validateOrganizationId,
  validateSessionId,
  validateTenantId,
  validateUserId,
} from "../../cortex/auth/mod.ts";
import { Cortex } from "../../cortex/cortex.ts";
import { UsersAPI } from "../../cortex/modules/mod.ts";
import { AuthValidationError } from "../../errors.ts";
import { refused, type RefusedRow as Row } from "./refused.ts";
import { RecordingClient, rejectionOf, silent } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const auth = (changes: object) => ({ userId: "ada", ...changes });

// deno-fmt-ignore
const authRows: readonly Row[] = [
  [{}, "MISSING_USER_ID", "userId", "required"],
  [{ userId: undefined }, "INVALID_USER_ID", "userId", "userId"],
  [{ userId: " " }, "EMPTY_USER_ID", "userId", "cannot be empty"],
  [{ userId: "u".repeat(257) }, "USER_ID_TOO_LONG", "userId", "cannot exceed 256"],
  [auth({ tenantId: 1 }), "INVALID_TENANT_ID", "tenantId", "tenantId"],
  [auth({ tenantId: "" }), "EMPTY_TENANT_ID", "tenantId", "cannot be empty"],
  [auth({ tenantId: "t".repeat(257) }), "TENANT_ID_TOO_LONG", "tenantId", "cannot exceed 256"],
  [auth({ organizationId: null }), "INVALID_ORGANIZATION_ID", "organizationId", "organizationId"],
  [auth({ sessionId: "" }), "EMPTY_SESSION_ID", "sessionId", "cannot be empty"],
  [auth({ authProvider: 1 }), "INVALID_AUTH_PROVIDER", "authProvider", "authProvider"],
  [auth({ authMethod: 1 }), "INVALID_AUTH_METHOD", "authMethod", "authMethod"],
  [auth({ authMethod: "magic" }), "INVALID_AUTH_METHOD_VALUE", "authMethod", "api_key"],
  [auth({ authenticatedAt: NaN }), "INVALID_AUTHENTICATED_AT", "authenticatedAt", "ms"],
  [auth({ authenticatedAt: -1 }), "INVALID_AUTHENTICATED_AT", "authenticatedAt", "ms"],
  [auth({ claims: [] }), "INVALID_CLAIMS", "claims", "object"],
  [auth({ metadata: null }), "INVALID_METADATA", "metadata", "object"],
  [auth({ tenantID: "t" }), "INVALID_PARAMS", "tenantID", "tenantId"],
];

/** Cases of auth contexts; none needs a backend. */
export const facadeAuthContract: ContractCase<void>[] = [
  ...authRows.map((row, i): ContractCase<void> => ({
    name: `an auth context is refused with ${row[1]} (row ${i + 1})`,
    run() {
      const build = () => createAuthContext(row[0] as { userId: string });
      refused(build, "AuthValidationError", row);
      refused(() => validateAuthContext(row[0]), "AuthValidationError", row);
      refused(
        () => validateAuthContextParams(row[0]),
        "AuthValidationError",
        row,
      );
      refused(
        () => new Cortex({ auth: row[0] as { userId: string } }),
        "AuthValidationError",
        row,
      );
    },
  })),
  {
    name: "each member of an auth context can be checked alone",
    run() {
      const validators = {
        userId: validateUserId,
        tenantId: validateTenantId,
        organizationId: validateOrganizationId,
        sessionId: validateSessionId,
        authMethod: validateAuthMethod,
        claims: validateClaims,
        metadata: validateMetadata,
      };
      const valid = { authMethod: "jwt", claims: {}, metadata: {} };
      for (const [member, validate] of Object.entries(validators)) {
        validate((valid as Record<string, unknown>)[member] ?? "auth0|1");
        const name = member.replace(/[A-Z]/g, "_$&").toUpperCase();
        refused(() => validate(5), "AuthValidationError", [
          {},
          `INVALID_${name}`,
          member,
          member,
        ]);
        if (member === "userId") continue;
        validate(undefined);
        if (member.endsWith("Id")) {
          refused(() => validate(" "), "AuthValidationError", [
            {},
            `EMPTY_${name}`,
            member,
            "cannot be empty",
          ]);
        }
      }
      refused(() => validateUserId(undefined), "AuthValidationError", [
        {},
        "INVALID_USER_ID",
        "userId",
        "must be a string",
      ]);
    },
  },
  {
    name:
      "calls take user, tenant and session from an auth context, blank ones left out",
    run() {
      assertEquals(extractInjectionFields({ userId: "ada" }), {
        userId: "ada",
      });
      assertEquals(
        extractInjectionFields({
          userId: "ada",
          tenantId: "acme",
          sessionId: "s",
          organizationId: "o",
          claims: {},
        }),
        { userId: "ada", tenantId: "acme", sessionId: "s" },
      );
      assertEquals(
        extractInjectionFields({ userId: "ada", tenantId: "", sessionId: " " }),
        { userId: "ada" },
      );
      const wrong: [context: unknown, says: string][] = [
        [undefined, "auth must be an object: got undefined"],
        ["ada", "auth must be an object: got a string"],
        [{}, "userId is required"],
        [{ userId: 5 }, "userId is required and must be a string: got number"],
        [
          { userId: "ada", tenantId: 5 },
          "tenantId is required and must be a string",
        ],
      ];
      for (const [context, says] of wrong) {
        const error = assertThrows(
          () => extractInjectionFields(context as never),
          AuthValidationError,
        );
        assertStringIncludes(error.message, says);
      }
    },
  },
  {
    name: "createAuthContext() refuses what cannot be copied",
    run() {
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      const rows: Row[] = [
        [
          auth({ claims: { can: () => true } }),
          "INVALID_CLAIMS",
          "claims",
          "function",
        ],
        [auth({ metadata: cycle }), "INVALID_METADATA", "metadata", "itself"],
      ];
      for (const row of rows) {
        const build = () => createAuthContext(row[0] as { userId: string });
        refused(build, "AuthValidationError", row);
      }
    },
  },
  {
    name: "createAuthContext() copies what was given, deeply, and freezes it",
    run() {
      const claims = { roles: ["admin"] };
      const context = createAuthContext({
        userId: "auth0|1",
        tenantId: undefined,
        claims,
      });
      claims.roles.push("root");
      assertEquals(context, {
        userId: "auth0|1",
        claims: { roles: ["admin"] },
      });
      assert(Object.isFrozen(context));
      assert(validateAuthContext({ userId: "ü".repeat(256), claims: {} }));
    },
  },
  {
    name:
      "an instance keeps its tenant when the application changes the object that named it",
    async run() {
      const client = new RecordingClient();
      const named = { userId: "ada", tenantId: "a", organizationId: "o" };
      const options = { client, auth: named };
      const cortex = new Cortex(options);
      const alone = new UsersAPI(client, null, null, named);
      named.tenantId = "b";
      named.organizationId = "p";
      options.auth = { ...named };
      await cortex.users.update("u", {});
      await alone.update("u", {});
      named.tenantId = "c";
      await cortex.memory.get("s", "m");
      await alone.get("u");
      const { calls } = client;
      assertEquals(calls.map(({ args }) => args.tenantId), [
        "a",
        "a",
        "a",
        "a",
      ]);
      assertEquals(
        calls.slice(0, 2).map(({ args }) => args.organizationId),
        ["o", "o"],
      );
    },
  },
  {
    name: "the access key goes with each call, and into no message",
    async run() {
      const client = new RecordingClient();
      const cortex = new Cortex({
        client,
        accessKey: "sesame",
        logger: silent,
      });
      await cortex.memory.get("s", "m");
      assertEquals(client.only().args.accessKey, "sesame");
      const quoting = new RecordingClient(() => {
        throw new Error(
          'Extra field. Object: {accessKey: "sesame", b: "sesame"}',
        );
      });
      const asked = new Cortex({ client: quoting, accessKey: "sesame" });
      const error = await rejectionOf(() => asked.memory.get("s", "m"));
      assertEquals(
        [error.message, error.stack?.includes("sesame")],
        ['Extra field. Object: {accessKey: "…", b: "…"}', false],
      );
    },
  },
];
