import process from "node:process";
import { HttpFault } from "../../src/server/http/http_fault.ts";
import { type AuthConfig, jwtVerifier } from "../../src/server/mod.ts";
import type { PushedPart } from "./pushed_functions.ts";

/**
 * Throws for a pushed `auth.config` that is none: `HttpFault`, naming the variable, where one that it uses is not set,
 * and otherwise `TypeError`.
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
