import type { Value } from "../../values/types.ts";
import { contextOf } from "../context/context.ts";
import type { ContextHost } from "../context/context_host.ts";
import { makeConvex } from "../context/convex_global.ts";
import { refuseQuery } from "../query/query_builder.ts";
import type { ActionLife } from "../run/action_life.ts";
import { type ActionLives, limited } from "../run/action_lives.ts";
import { Run, type RunParts } from "../run/run.ts";
import { RunScope } from "../run/run_scope.ts";
import type { StrayRejections } from "../run/stray_rejections.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { CallFrame, Target } from "./call_types.ts";
import { callerIn } from "../run/caller.ts";
import { notePlaces, withCopiedData } from "../functions/thrown.ts";

/** Runs the code of functions, each as a `Run` with a `ctx`. */
export class FunctionRunner {
  /** Tells which function code is part of. */
  readonly scope: RunScope;
  /** Ends actions that run for too long; undefined without timers. */
  lives: ActionLives | undefined;
  /** Fails functions that leave a rejected promise unawaited; undefined where the host does not report these. */
  strays: StrayRejections | undefined;
  readonly #host: ContextHost;

  /** `host` is the part of the engine that a `ctx` uses. */
  constructor(host: ContextHost) {
    this.#host = host;
    this.scope = new RunScope(
      (scope) => makeConvex(scope, host),
      host.deployment.behaviour.hasOwnGlobals,
      host.deployment.placesOf,
    );
  }

  /** Runs an action with the time limit of actions. */
  limited<T>(run: (life?: ActionLife) => Promise<T>): Promise<T> {
    return limited(this.lives, run);
  }

  /** Runs a function on checked arguments, and informs the observer. Its result is a checked copy. */
  invoke(
    target: Target,
    args: { [name: string]: Value },
    frame: CallFrame,
    transaction: Transaction | undefined,
  ): Promise<Value> {
    const run = () => this.#run(target, args, frame, transaction);
    const { executions } = this.#host.deployment;
    const isPart = frame.depth > 0 && transaction !== undefined;
    return executions && !isPart
      ? executions.run(target, frame, run, transaction)
      : run();
  }

  async #run(
    { component, definition }: Target,
    args: { [name: string]: Value },
    { caller, depth, signal, life }: CallFrame,
    transaction: Transaction | undefined,
  ): Promise<Value> {
    const { type: kind, name, isPublic, handler } = definition;
    const run = new Run({
      kind,
      component,
      name,
      isPublic,
      caller: callerIn(component.path, caller),
      depth: depth + 1,
      transaction,
      signal,
      life,
    });
    run.context = contextOf(run, this.#host);
    this.scope.begin(run);
    let result: unknown;
    try {
      const promised = this.scope.call(run, () => handler(run.context, args));
      // Only of the outermost function: nested calls end with it.
      if (depth === 0) run.promised = promised;
      result = await promised;
      const unawaited = run.unawaited?.warning();
      if (unawaited) caller.logLines.push(`[WARN] ${unawaited}`);
      if (this.strays || transaction?.nested) await this.#settle(run);
    } catch (error) {
      this.#note(error);
      throw withCopiedData(error);
    } finally {
      this.scope.end(run);
      if (depth === 0 && transaction) {
        const warnings = transaction.meter.warnings();
        for (const text of warnings) caller.logLines.push(`[WARN] ${text}`);
      }
    }
    return component.values.result(
      definition,
      refuseQuery(result),
      transaction?.documentCopies,
      transaction !== transaction?.root,
    );
  }

  /**
   * Waits for nested calls that a function has started and not awaited. Throws what an unawaited promise was rejected
   * with, where the host reports it.
   */
  async #settle(run: Run): Promise<void> {
    const { transaction } = run.parts;
    let nested: Promise<unknown> | undefined;
    do {
      nested = transaction?.nested;
      await nested;
      await this.strays?.settle(run);
    } while (transaction?.nested !== nested);
  }

  /** Records where a function threw an error, if `placesOf` can find it. */
  #note(error: unknown): void {
    const { placesOf } = this.#host.deployment;
    if (placesOf) notePlaces(error, placesOf);
  }

  /** Runs a function given as a closure, with a `ctx` of its own. */
  async inline<T>(
    parts:
      & Pick<RunParts, "kind" | "component" | "transaction">
      & Partial<Pick<RunParts, "name" | "hasFreeFiles">>,
    { caller, depth, signal }: CallFrame,
    body: (ctx: unknown) => T | Promise<T>,
  ): Promise<T> {
    const { component, transaction, name = "" } = parts;
    const enter = async (life?: ActionLife) => {
      const run = new Run({
        ...parts,
        name,
        isPublic: true,
        caller: callerIn(component.path, caller),
        depth: depth + 1,
        signal,
        life,
      });
      run.context = contextOf(run, this.#host);
      return refuseQuery(
        await this.scope.enter(run, async () => {
          try {
            const result = await body(run.context);
            await this.#settle(run);
            return result;
          } catch (error) {
            this.#note(error);
            throw error;
          }
        }),
      );
    };
    return await (transaction ? enter() : this.limited(enter));
  }
}
