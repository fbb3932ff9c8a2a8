import {
  validateValue,
  type ValidatorJson,
} from "../../src/values/validate.ts";
import type { Definition } from "./definition.ts";

/** Environment variables at one moment. */
export interface Environment {
  /** Value by name; undefined is not set. */
  readonly [name: string]: string | undefined;
}

/** The variables of a component: texts, and variables of the app by their names, whose values change. */
export interface Variables {
  /** One of them. */
  readonly [name: string]: string | { readonly ofApp: string };
}

/** What a parent gives a component: texts, or variables of its own. The app, which is no component, has them all. */
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

/** Their values, where the app's are these. */
export function valuesOf(variables: Variables, app: Environment): Environment {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      typeof variable === "string" ? variable : app[variable.ofApp],
    ]),
  );
}

/**
 * A statement that makes them `__env`, an object that has the app's values of the moment. What is assigned is dropped.
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

/** What the app is called in errors. */
export const THE_APP = "the app";

/** Variables that a configuration declares as required are not set. */
export class MissingVariables extends Error {
  /** What needs them. */
  readonly who: string;
  /** Their names. */
  readonly names: string[];

  /** Takes the app, or the component, that needs them. */
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
