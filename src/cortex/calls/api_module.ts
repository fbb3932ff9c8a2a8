import { Calls } from "./calls.ts";
import { contextOf, type ContextSource } from "./context_source.ts";

/** Base class of the API modules, over the context of a `Cortex` or over a client alone. */
export class ApiModule {
  /**
   * Makes the module's calls.
   *
   * @internal
   */
  protected readonly calls: Calls;

  /** Does no I/O. */
  constructor(source: ContextSource) {
    this.calls = new Calls(contextOf(source));
  }
}
