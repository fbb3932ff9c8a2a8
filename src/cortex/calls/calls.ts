/** The two forms that nearly every API method takes: one backend call, or a job in steps. */
import type { CallOptions, FunctionKind } from "../../client/types.ts";
import type { ApiContext } from "./api_context.ts";
import { ClientError } from "../../errors.ts";
import { within } from "./deadline.ts";
import { listed } from "../rules/field_rules.ts";
import { encodeFreeForm } from "../rules/free_form.ts";
import { keyArgs, type KeyedControls, partOf } from "./idempotency.ts";
import { combineSteps, inSteps, type Step } from "./in_steps.ts";
import type { Check } from "../rules/rules.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";

/** Arguments of a backend function; the tenant is the one that the caller named. */
export interface CallArgs {
  /** The tenant. */
  tenantId?: string | undefined;
  /** Anything else that the function takes. */
  [name: string]: unknown;
}

/** A job in steps. */
export interface Job<Result> {
  /** Kind of the function. */
  kind: "query" | "mutation";
  /** Name of the function. */
  name: string;
  /** Fields of the answer that combine the values of all steps. Other fields have the last step's value. */
  parts?: readonly (keyof Result)[];
  /**
   * Returns the number of rows that a step processed, for `onProgress`. Default: the first of `parts`, a number or a
   * list; 1 without `parts`.
   */
  count?: (result: Result) => number;
}

/** The rows that a step processed, or their number. */
type Rows = number & { length?: number };

/**
 * Calls backend functions for the tenant of a call, bounded by the caller's time limit and signal. If a method passes a
 * check, it runs first: wrong arguments reject, and arguments that the check does not know are not sent. Free-form
 * arguments are encoded here; the context decodes those of the answers.
 */
export class Calls {
  /** The client, the identity and the logger that all modules share. */
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
    return this.#call({ kind: "query", name }, args, controls, check);
  }

  /** Runs an action. */
  action<Result>(
    name: string,
    args: CallArgs,
    controls?: CallControls,
  ): Promise<Result> {
    return this.#call({ kind: "action", name }, args, controls);
  }

  /** Runs a mutation. */
  mutation<Result>(
    name: string,
    args: CallArgs,
    controls?: KeyedControls,
    check?: Check,
  ): Promise<Result> {
    return this.#call({ kind: "mutation", name }, args, controls, check);
  }

  /** Runs a mutation that may share a request with others of the same tick. Its arguments must be checked already. */
  batched<Result>(
    name: string,
    args: CallArgs,
    controls: KeyedControls,
    batch: CallOptions["batch"],
  ): Promise<Result> {
    return this.#call({ kind: "mutation", name, batch }, args, controls);
  }

  /** Runs a function in steps until it is done, and combines the answers of the steps into one. */
  async whole<Result extends object>(
    job: Job<Result>,
    args: CallArgs,
    controls?: KeyedControls & ProgressControls,
    check?: Check,
  ): Promise<Result> {
    const steps = await this.steps(job, args, controls, check);
    const { done: _, cursor: __, ...last } = steps.at(-1)!;
    return {
      ...last,
      ...combineSteps<Result, keyof Result>(steps, job.parts),
    } as Result;
  }

  /** Runs a function in steps until it is done; returns the answer of every step. */
  async steps<Result extends object>(
    { kind, name, parts, count }: Job<Result>,
    args: CallArgs,
    controls?: KeyedControls & ProgressControls,
    check?: Check,
  ): Promise<[Result & Step, ...(Result & Step)[]]> {
    const scoped = this.#scoped(kind, check?.(args) ?? args, controls);
    return await within(controls, (signal) =>
      inSteps<Result & Step>(
        (cursor, step) =>
          this.context.send<Result & Step>(kind, name, {
            ...scoped,
            cursor,
            ...(kind === "mutation" && keyArgs(partOf(controls, step))),
          }, { signal }),
        { signal, onProgress: controls?.onProgress },
        count ?? ((result) => {
          const rows = (parts ? result[parts[0]!] : 1) as Rows;
          return rows?.length ?? rows;
        }),
      ));
  }

  async #call<Result>(
    { kind, name, batch }: {
      kind: FunctionKind;
      name: string;
      batch?: CallOptions["batch"];
    },
    args: CallArgs,
    controls?: KeyedControls,
    check?: Check,
  ): Promise<Result> {
    const scoped = this.#scoped(kind, check?.(args) ?? args, controls);
    return await within(controls, (signal) =>
      this.context.send(kind, name, {
        ...(kind === "mutation" && keyArgs(controls)),
        ...scoped,
      }, { signal, batch }));
  }

  #scoped(
    kind: FunctionKind,
    args: CallArgs,
    controls: KeyedControls | undefined,
  ): CallArgs {
    if (kind === "mutation" && !args.dryRun) refuseDryRun(controls);
    return encodeFreeForm({
      ...(kind === "mutation" && {
        organizationId: this.context.auth?.organizationId,
      }),
      ...args,
      ...args.embedding ? { embedding: listed(args.embedding) } : {},
      tenantId: this.context.tenantId(args.tenantId),
    });
  }
}

/** Throws `INVALID_ARGUMENT` where a method that has no `dryRun` is given one. */
export function refuseDryRun(controls: { dryRun?: unknown } | undefined): void {
  if (controls?.dryRun) {
    throw new ClientError(INVALID_ARGUMENT, "This method has no dryRun");
  }
}
