import type { Behaviour } from "../behaviour.ts";
import type { Components } from "../components/components.ts";
import {
  type FunctionAddress,
  functionAddress,
  functionHandle,
} from "../functions/function_address.ts";
import { canonicalName, type FunctionType } from "../functions/functions.ts";
import type { Run } from "../run/run.ts";
import type { Target } from "./call_types.ts";

/** Finds the functions that calls refer to, by address, reference or handle. */
export class Targets {
  readonly #components: Components;
  readonly #behaviour: Behaviour;

  /** Finds functions of the app and its components. */
  constructor(components: Components, behaviour: Behaviour) {
    this.#components = components;
    this.#behaviour = behaviour;
  }

  /** Finds a function; returns a promise if its module must be loaded first. Throws `FUNCTION_NOT_FOUND`. */
  find(
    { component: path, name, mustBePublic }: FunctionAddress,
    type: FunctionType | "any",
  ): Target | Promise<Target> {
    const component = this.#components.get(path);
    const found = component.registry.find(name, type, mustBePublic);
    return found instanceof Promise
      ? found.then((definition) => ({ component, definition }))
      : { component, definition: found };
  }

  /** A mutation or an action by its address, or a query where queries can be scheduled. Throws `FUNCTION_NOT_FOUND`. */
  async findAny(address: FunctionAddress): Promise<Target> {
    const component = this.#components.get(address.component);
    const found = await component.registry.findAny(address.name);
    const isQuery = found?.type === "query" &&
      !this.#behaviour.schedulesQueries;
    const type = isQuery ? "mutation" : found?.type ?? "mutation";
    return await this.find(address, type);
  }

  /** Runs the loader of a function's module once more. */
  reload({ component, name }: FunctionAddress): Promise<unknown> | undefined {
    return this.#components.find(component)?.registry.reload(name);
  }

  /** The address of a function that a run refers to. */
  address(run: Run, reference: unknown): FunctionAddress {
    const address = functionAddress(reference, run.parts.component.path);
    return this.#behaviour.reachesInternals
      ? { ...address, mustBePublic: false }
      : address;
  }

  /** The handle of a function that a run refers to. Throws `FUNCTION_NOT_FOUND` unless missing ones have handles. */
  async handle(run: Run, reference: unknown): Promise<string> {
    const address = this.address(run, reference);
    this.#components.get(address.component);
    if (!this.#behaviour.allowsMissing) {
      await this.find({ ...address, mustBePublic: false }, "any");
    }
    return functionHandle({ ...address, name: canonicalName(address.name) });
  }
}
