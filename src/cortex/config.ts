/**
 * Checks the options of `new Cortex()`. Does without `rules.ts`, which loads with the modules, because this file loads
 * with the facade.
 */
import { ConfigError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";
import { validateAuthContext } from "./auth/context.ts";
import {
  CONFLICTING_OPTIONS,
  current,
  got,
  isBlank,
  isRecord,
} from "./rules/shown.ts";

const DURABILITIES = ["full", "normal", "off"];
const KINDS = ["web-worker", "worker-threads", "inline"];

type Options = Readonly<Record<string, unknown>>;

/** Returns what is wrong with a value, without the option's name; `undefined` if nothing is. */
type Test = (value: unknown) => string | undefined;

/** An option, its test if it has one, the options that it excludes, and the options of which it needs one. */
type Row = readonly [
  name: string,
  test?: Test,
  excludedBy?: readonly string[],
  needs?: readonly string[],
];

const text: Test = (value) =>
  typeof value === "string" && !isBlank(value)
    ? undefined
    : ` must be a string that is not blank: ${got(value)}`;

const oneOf = (words: readonly string[]): Test => (value) =>
  words.includes(value as string)
    ? undefined
    : ` must be one of ${words.join(", ")}: ${current(value)}`;

const methods = (...names: string[]): Test => (value) =>
  names.every((name) => typeof (value as Options | null)?.[name] === "function")
    ? undefined
    : ` must have the methods ${names.join(", ")}: ${current(value)}`;

const kinds: Test = (value) => {
  if (!Array.isArray(value)) return ` must be an array: ${got(value)}`;
  const bad = value.findIndex((kind) => !KINDS.includes(kind));
  return bad < 0 ? undefined : `[${bad}]${oneOf(KINDS)(value[bad])}`;
};

const ELSEWHERE = ["convexUrl", "client"];

const rows: readonly Row[] = [
  ["path", text, ["storage", ...ELSEWHERE]],
  [
    "storage",
    methods("transactionSync"),
    [...ELSEWHERE, "executorKinds", "workerUrl"],
  ],
  ["durability", oneOf(DURABILITIES), [], ["path"]],
  [
    "convexUrl",
    (value) =>
      isHttpUrl(value)
        ? undefined
        : ` must be an absolute http(s) URL: ${current(value)}`,
    ["client"],
  ],
  ["client", methods("query", "mutation", "action")],
  ["accessKey", text, [], ELSEWHERE],
  ["logger", methods("debug", "info", "warn", "error")],
  [
    "embedder",
    (value) =>
      typeof value === "function"
        ? undefined
        : ` must be a function: ${got(value)}`,
  ],
  ["auth"],
  ["graph"],
  ["llm"],
  ["resilience"],
  ["executorKinds", kinds, ELSEWHERE],
  [
    "workerUrl",
    (url) =>
      url instanceof URL || typeof url === "string" && url !== ""
        ? undefined
        : ` must be a URL or a string: ${current(url)}`,
    ELSEWHERE,
  ],
];

/** Throws `ConfigError` (or `AuthValidationError` for `auth`) that names the option and its value. */
export function checkConfig(config: { auth?: object }): void {
  const invalid = (field: string, says: string) =>
    new ConfigError(field + says, "INVALID_OPTION", field);
  if (!isRecord(config)) {
    throw invalid(
      "config",
      ` must be an object, such as { path } or { convexUrl }: ${got(config)}`,
    );
  }
  const all = config as Options;
  const unknown = unknownOption("Cortex", all, Object.fromEntries(rows));
  if (unknown !== undefined) {
    throw new ConfigError(unknown.text, "UNKNOWN_OPTION", unknown.name);
  }
  for (const [name, test, excludedBy = [], needs] of rows) {
    const value = all[name];
    if (value === undefined) continue;
    const says = test?.(value);
    if (says !== undefined) throw invalid(name, says);
    const other = excludedBy.find((other) => all[other] !== undefined);
    const lacks = needs?.every((other) => all[other] === undefined);
    if (other !== undefined || lacks) {
      throw new ConfigError(
        other === undefined
          ? `${name} needs ${needs!.join(" or ")}`
          : `${name} and ${other} cannot be combined: ${name}'s ${
            current(value)
          }, ${other}'s ${current(all[other])}`,
        CONFLICTING_OPTIONS,
        name,
      );
    }
  }
  if (config.auth !== undefined) validateAuthContext(config.auth);
}

/**
 * Names a storage option that was given as undefined, as happens when an environment variable is not set. Memories
 * would be lost with the process, and nothing else would say so.
 */
export function undefinedStorageOption(
  config: object,
): string | false | undefined {
  const all = config as Options;
  const places = ["path", "storage", ...ELSEWHERE];
  return places.every((place) => all[place] === undefined) &&
    places.find((place) => place in all);
}

function isHttpUrl(value: unknown): boolean {
  try {
    return typeof value === "string" &&
      /^https?:$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
}
