import {
  validateValue,
  type ValidatorJson,
} from "../../src/values/validate.ts";
import type { Definition } from "./definition.ts";

/** Environment variables at one moment. */
export interface Environment {
  /** Value by name; undefined if not set. */
  readonly [name: string]: string | undefined;
}

/** The variables of a component: fixed texts, and names of variables of the app, whose values may change. */
export interface Variables {
  /** One of them. */
  readonly [name: string]: string | { readonly ofApp: string };
}

/** The variables that a parent gives to a component. Without `parent`, the parent is the app. */
export function givenVariables(
  bound: Definition["_childComponents"][0][2],
  parent: Variables | undefined,
): Variables {
  const given: { [name: string]: Variables[string] } = {};
  for (const [name, value] of Object.entries(bound ?? {})) {
    const variable = typeof value === "string"
      ? value
      : parent
      ? parent[value.__envVarRef]
      : { ofApp: value.__envVarRef };
    if (variable !== undefined) given[name] = variable;
  }
  return given;
}

/** The values of variables, given those of the app. */
export function valuesOf(variables: Variables, app: Environment): Environment {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      typeof variable === "string" ? variable : app[variable.ofApp],
    ]),
  );
}

/**
 * A statement that declares the object `__env` with these variables. Those of the app have its current values.
 * Assignments are ignored.
 */
export function variablesText(variables: Variables): string {
  const members = Object.entries(variables).map(([name, variable]) => {
    const key = `[${JSON.stringify(name)}]`;
    if (typeof variable === "string") {
      return `${key}:${JSON.stringify(variable)}`;
    }
    const value = `globalThis.process.env[${JSON.stringify(variable.ofApp)}]`;
    return `get ${key}(){return ${value}},set ${key}(_){}`;
  });
  return `const __env = {${members.join(",")}};`;
}

/** Name of the app in errors. */
export const THE_APP = "the app";

/** The error when variables are not set that a configuration declares as required. */
export class MissingVariables extends Error {
  /** The app or the component that needs them. */
  readonly who: string;
  /** Their names. */
  readonly names: string[];

  /** Describes the missing variables. */
  constructor(who: string, names: string[]) {
    const noun = names.length === 1 ? "variable" : "variables";
    super(`${who} needs the environment ${noun} ${names.join(", ")}`);
    this.who = who;
    this.names = names;
  }
}

/** Throws when a variable that is declared is missing, or has a value that the declaration forbids. */
export function checkEnvironment(
  who: string,
  { _env: declared = {} }: Definition,
  env: Environment,
): void {
  const missing = Object.entries(declared).filter(([name, { isOptional }]) =>
    env[name] === undefined && isOptional !== "optional"
  );
  if (missing.length > 0) {
    throw new MissingVariables(who, missing.map(([name]) => name));
  }
  for (const [name, { json }] of Object.entries(declared)) {
    const value = env[name];
    if (value === undefined) continue;
    const options = { tableOfId: () => undefined };
    const problem = validateValue(json as ValidatorJson, value, options);
    if (problem) {
      throw new Error(
        `the environment variable ${name} of ${who} has a value that its declaration forbids: ${
          JSON.stringify(json)
        }`,
      );
    }
  }
}
