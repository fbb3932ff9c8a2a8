/** The forms that nearly every method of a module has: one call of the backend, or a job in steps. */
import type { CallOptions, FunctionKind } from "../../client/types.ts";
import type { ApiContext } from "./api_context.ts";
import { within } from "./deadline.ts";
import { encodeFreeForm } from "../rules/free_form.ts";
import { keyArgs, type KeyedControls, partOf } from "./idempotency.ts";
import { inSteps, type Step } from "./in_steps.ts";
import type { Check } from "../rules/rules.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";

/** Arguments of a backend function; the tenant is the one that the caller named. */
export interface CallArgs {
  /** The tenant. */
  tenantId?: string | undefined;
  /** Anything else that the function takes. */
  [name: string]: unknown;
}

/** A job in steps: its function, and how many rows a step did. */
export interface Job<Result> {
  /** Kind of the function. */
  kind: "query" | "mutation";
  /** Name of the function. */
  name: string;
  /** Rows that a step did, for `onProgress`: their number, or the field of the answer that holds it or them. */
  count: ((result: Result) => number) | keyof Result;
}

/**
 * Calls backend functions as the tenant of the call, within the time and the signal of its caller. Arguments are checked
 * first, where a method says how, so whatever is wrong rejects, and what the check does not know is not sent. Free-form
 * ones are encoded, as those of answers are decoded by the context.
 */
export class Calls {
  /** Sends them. */
  readonly context: ApiContext;

  /** Does no I/O. */
  constructor(context: ApiContext) {
    this.context = context;
  }

  /** Runs a query. */
  query<Result>(
    name: string,
    args: CallArgs,
    controls?: CallControls,
    check?: Check,
  ): Promise<Result> {
    return this.#call("query", name, args, controls, check);
  }

  /** Runs an action. */
  action<Result>(
    name: string,
    args: CallArgs,
    controls?: CallControls,
  ): Promise<Result> {
    return this.#call("action", name, args, controls);
  }

  /** Runs a mutation; with `batch` it may travel with others of the same tick. */
  mutation<Result>(
    name: string,
    args: CallArgs,
    controls?: KeyedControls,
    check?: Check,
    batch?: CallOptions["batch"],
  ): Promise<Result> {
    return this.#call("mutation", name, args, controls, check, batch);
  }

  /** Runs a function until it is done; gives back what every step answered. */
  async steps<Result extends Step>(
    { kind, name, count }: Job<Result>,
    args: CallArgs,
    controls?: KeyedControls & ProgressControls,
    check?: Check,
  ): Promise<[Result, ...Result[]]> {
    const scoped = this.#scoped(check?.(args) ?? args);
    return await within(controls, (signal) =>
      inSteps(
        (cursor, step) =>
          this.context.send<Result>(kind, name, {
            ...scoped,
            cursor,
            ...(kind === "mutation" && keyArgs(partOf(controls, step))),
          }, { signal }),
        { signal, onProgress: controls?.onProgress },
        typeof count === "function" ? count : (result) => {
          const rows: unknown = result[count];
          return Array.isArray(rows) ? rows.length : Number(rows);
        },
      ));
  }

  async #call<Result>(
    kind: FunctionKind,
    name: string,
    args: CallArgs,
    controls?: KeyedControls,
    check?: Check,
    batch?: CallOptions["batch"],
  ): Promise<Result> {
    const checked = check?.(args) ?? args;
    return await within(controls, (signal) =>
      this.context.send(kind, name, {
        ...(kind === "mutation" && {
          organizationId: this.context.auth?.organizationId,
          ...keyArgs(controls),
        }),
        ...this.#scoped(checked),
      }, { signal, batch }));
  }

  #scoped(args: CallArgs): CallArgs {
    return encodeFreeForm({
      ...args,
      tenantId: this.context.tenantId(args.tenantId),
    });
  }
}
