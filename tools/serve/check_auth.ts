import process from "node:process";
import { HttpFault } from "../../src/server/http/http_fault.ts";
import { type AuthConfig, jwtVerifier } from "../../src/server/mod.ts";
import type { PushedPart } from "./push_request.ts";

/**
 * Checks a pushed `auth.config`. Throws `HttpFault` if it uses an environment variable that is not set, and otherwise
 * `TypeError` if it is invalid.
 */
export function checkAuth(
  { changedModules = [] }: PushedPart,
  config: unknown,
): void {
  if (config === undefined) return;
  try {
    jwtVerifier(config as AuthConfig);
  } catch (error) {
    const { source = "" } = changedModules.find(({ path }) =>
      path === "auth.config.js"
    ) ?? {};
    const used = [...source.matchAll(/\bprocess\.env\.(\w+)/g)];
    const missing = used.find(([, name]) => process.env[name!] === undefined);
    if (!missing) throw error;
    throw new HttpFault(
      400,
      "AuthConfigMissingEnvironmentVariable",
      `Environment variable ${
        missing[1]
      } is used in auth config file but its value was not set`,
    );
  }
}
