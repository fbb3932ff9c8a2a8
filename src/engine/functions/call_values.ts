import { EngineError } from "../../errors.ts";
import { compileCopier, type Copier } from "../../values/copier.ts";
import { copyArgs, copyValue } from "../../values/copy.ts";
import type { Origins } from "../../values/copy_plain.ts";
import { isBytes } from "../../values/kinds.ts";
import type { ValueLimits } from "../../values/limits.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";
import { validateValue, type ValidatorJson } from "../../values/validate.ts";
import type { Catalog } from "../schema/catalog.ts";
import { hasCommitTs } from "../rows/commit_ts.ts";
import { tableOfId } from "../schema/document_checks.ts";
import type { FunctionDefinition } from "./functions.ts";
import type { EngineLimits } from "../limits/limits.ts";
import { checkLimit, shownBytes } from "../limits/limit_check.ts";

type Args = { [name: string]: Value };

/** Checks and copies the arguments and results of functions. */
export class CallValues {
  readonly #options: { tableOfId(id: string): string | undefined };
  readonly #limits: EngineLimits;
  readonly #copiers: Map<FunctionDefinition, { args: Copier; result: Copier }> =
    new Map();

  /** Takes the catalog, for limits and the tables of ids. */
  constructor(catalog: Catalog) {
    this.#limits = catalog.limits;
    this.#options = { tableOfId: (id) => tableOfId(catalog, id) };
  }

  /**
   * A checked copy of arguments. Only those of a nested call may contain a placeholder for the timestamp of the commit.
   * Throws `INVALID_VALUE`, `LIMIT_EXCEEDED`, `ARGUMENT_VALIDATION`.
   */
  args(
    definition: FunctionDefinition,
    args: unknown = {},
    isNested = false,
  ): Args {
    const { argumentBytes, nodeArgumentBytes } = this.#limits;
    const bound = definition.isNode
      ? Math.min(argumentBytes, nodeArgumentBytes)
      : argumentBytes;
    const fast = copyWithin(
      this.#copiersOf(definition).args,
      args,
      bound,
      this.#limits,
    );
    if (isArgs(fast)) return fast;
    const copy = copyArgs(
      args,
      `arguments of ${definition.name}`,
      this.#limits,
    );
    if (!isNested && hasCommitTs(copy)) {
      throw new EngineError(
        "INVALID_VALUE",
        `Invalid arguments for "${definition.name}": an unresolved placeholder value can only be passed to a query or mutation called from a mutation`,
      );
    }
    checkLimit(
      `size of the arguments of ${definition.name} in bytes`,
      valueSize(copy),
      bound,
      (bytes, bound) =>
        `Arguments for ${definition.name} are too large (${
          shownBytes(bytes)
        }, limit: ${shownBytes(bound)})`,
    );
    const problem = validateValue(definition.args, copy, this.#options);
    if (problem) {
      throw new EngineError(
        "ARGUMENT_VALIDATION",
        `ArgumentValidationError: ${problem.message} (arguments of ${definition.name})`,
        {
          data: { name: definition.name, path: problem.path },
          cause: problem,
        },
      );
    }
    return copy;
  }

  /**
   * A checked copy of a result; `origins` knows which parts are copies of stored documents. Throws `INVALID_VALUE`,
   * `LIMIT_EXCEEDED`, `RETURN_VALIDATION`.
   */
  result(
    definition: FunctionDefinition,
    result: unknown,
    origins?: Origins,
    isNested = false,
  ): Value {
    const fast = copyWithin(
      this.#copiersOf(definition).result,
      result ?? null,
      this.#limits.resultBytes,
      this.#limits,
      origins,
    );
    if (fast !== undefined) return fast;
    const copy = copyValue(
      result ?? null,
      `return value of ${definition.name}`,
      this.#limits,
    );
    if (!isNested && definition.type === "query") {
      refuseCommitTs(definition.name, copy);
    }
    checkLimit(
      `size of the return value of ${definition.name} in bytes`,
      valueSize(copy),
      this.#limits.resultBytes,
      (bytes, bound) =>
        `Function ${definition.name} return value is too large (${
          shownBytes(bytes)
        }, limit: ${shownBytes(bound)})`,
    );
    const problem = definition.returns &&
      validateValue(definition.returns, copy, this.#options);
    if (problem) {
      throw new EngineError(
        "RETURN_VALIDATION",
        `ReturnsValidationError: ${problem.message} (return value of ${definition.name})`,
        {
          data: {
            name: definition.name,
            type: definition.type,
            path: problem.path,
          },
          cause: problem,
        },
      );
    }
    return copy;
  }

  /** Throws `LIMIT_EXCEEDED` when function calls are nested too deeply. */
  checkDepth(depth: number): void {
    checkLimit(
      "depth of nested function calls",
      depth,
      this.#limits.callDepth,
      () =>
        "Cross component call depth limit exceeded. Do you have an infinite loop in your app?",
    );
  }

  #copiersOf(definition: FunctionDefinition): { args: Copier; result: Copier } {
    let copiers = this.#copiers.get(definition);
    if (copiers === undefined) {
      const compile = (validator: ValidatorJson) =>
        compileCopier(validator, {
          ...this.#options,
          limits: this.#limits,
          sorted: true,
        });
      copiers = {
        args: compile(definition.args),
        result: compile(definition.returns ?? { type: "any" }),
      };
      this.#copiers.set(definition, copiers);
    }
    return copiers;
  }
}

/** A copy made by a compiled copier; undefined if the value does not fit, or may be too large. */
function copyWithin(
  copier: Copier,
  value: unknown,
  maxBytes: number,
  limits: ValueLimits,
  origins?: Origins,
): Value | undefined {
  const state = { bytes: 0, special: false, limits, origins };
  const copy = copier(value, state);
  return state.bytes <= maxBytes ? copy : undefined;
}

function isArgs(value: Value | undefined): value is Args {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !isBytes(value);
}

/** Throws `INVALID_VALUE` if the result of a query contains a placeholder for a timestamp: a query has no commit. */
export function refuseCommitTs(name: string, result: unknown): void {
  if (!hasCommitTs(result)) return;
  throw new EngineError(
    "INVALID_VALUE",
    `Function ${name} return value invalid: queries cannot return an unresolved placeholder value.`,
  );
}
