/** Variables of a deployment, for the time of a test. */

const VARIABLES = [
  "CORTEX_ACCESS_MODE",
  "CORTEX_ACCESS_KEY_SHA256",
  "CORTEX_TENANT_CLAIM",
  "CONVEX_CLOUD_URL",
  "CONVEX_SITE_URL",
  "CONVEX_ENVIRONMENT",
  "CORTEX_ALLOW_PURGE",
];

/** Does something with deployment variables set. */
export async function withVariables<Result>(
  variables: Record<string, string>,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  for (const [name, value] of Object.entries(variables)) {
    Deno.env.set(name, value);
  }
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
