/** What `new Cortex()` asks of its options. */
import { ConfigError } from "../errors.ts";
import { validateAuthContext } from "./auth.ts";
import {
  arrayOf,
  callback,
  type Check,
  current,
  cut,
  must,
  object,
  optional,
  type Row,
  rules,
  type Test,
  text,
} from "./rule_core.ts";
import type { CortexConfig } from "./types/config.ts";

const INVALID = "INVALID_OPTION";
const CONFLICT = "CONFLICTING_OPTIONS";

const DURABILITIES: readonly unknown[] = ["full", "normal", "off"];
const KINDS: readonly string[] = ["web-worker", "worker-threads", "inline"];

const methods = (...names: string[]): Test =>
  must(
    INVALID,
    (value) =>
      names.every((name) =>
        typeof (value as Record<string, unknown> | null)?.[name] === "function"
      ),
    (field, value) =>
      `${field} must have the methods ${names.join(", ")}: ${current(value)}`,
  );

const without = (...others: string[]): Test[] =>
  others.map((other) =>
    must(
      CONFLICT,
      (_, all) => all[other] === undefined,
      (field, value, all) =>
        `${field} and ${other} exclude each other: ${field}'s ${
          current(value)
        }, ${other}'s ${current(all[other])}`,
    )
  );

const rows: readonly Row[] = [
  ["path", optional(text(INVALID), ...without("convexUrl", "client"))],
  [
    "durability",
    optional(
      must(
        INVALID,
        (value) => DURABILITIES.includes(value),
        (field, value) =>
          `${field} must be one of ${DURABILITIES.join(", ")}: ${
            current(value)
          }`,
      ),
      must(
        CONFLICT,
        (_, all) => all.path !== undefined,
        (field) => `${field} needs path`,
      ),
    ),
  ],
  [
    "convexUrl",
    optional(
      must(
        INVALID,
        isHttpUrl,
        (field, value) =>
          `${field} must be an absolute http(s) URL: ${current(value)}`,
      ),
      ...without("client"),
    ),
  ],
  ["client", optional(methods("query", "mutation", "action"))],
  [
    "accessKey",
    optional(
      text(INVALID),
      must(
        CONFLICT,
        (_, all) => all.convexUrl !== undefined || all.client !== undefined,
        (field) => `${field} needs convexUrl or client`,
      ),
    ),
  ],
  ["logger", optional(methods("debug", "info", "warn", "error"))],
  ["embedder", optional(callback(INVALID))],
  ["auth"],
  [
    "executorKinds",
    optional(
      arrayOf(
        INVALID,
        (kind) => KINDS.includes(kind as string),
        `must be one of ${KINDS.join(", ")}`,
      ),
      ...without("convexUrl", "client"),
    ),
  ],
  [
    "workerUrl",
    optional(
      must(
        INVALID,
        (url) => url instanceof URL || typeof url === "string" && url !== "",
        (field, value) =>
          `${field} must be a URL or a string: ${current(value)}`,
      ),
      ...without("convexUrl", "client"),
    ),
  ],
];

const OPTIONS: readonly string[] = rows.map(([name]) => name);

const check: Check = rules(ConfigError, rows);
const checkConfigObject: Check = rules(ConfigError, [[
  "config",
  object(INVALID),
]]);

/** Throws `ConfigError` (or `AuthValidationError` for `auth`) that names the option and its value. */
export function checkConfig(config: CortexConfig): void {
  checkConfigObject({ config });
  const unknown = Object.keys(config).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError(
      `Cortex has no option ${JSON.stringify(cut(unknown))}: it has ${
        OPTIONS.join(", ")
      }`,
      "UNKNOWN_OPTION",
      unknown,
    );
  }
  check(config);
  if (config.auth !== undefined) validateAuthContext(config.auth);
}

function isHttpUrl(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return /^https?:$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
}
