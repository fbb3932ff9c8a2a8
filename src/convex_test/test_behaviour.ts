import type { Behaviour, Wording } from "../engine/behaviour.ts";
import type { ModuleMap } from "./types.ts";

/** In what a backend under test can behave in one way or another. */
export interface TestBehaviour extends Behaviour {
  wording: Wording;
  /** Whether time stands still in `t.run` and other inline functions, as it does in the functions that they call. */
  stopsInlineTime: boolean;
  /** Refuses modules. Default: all are fine. */
  checkModules?(modules: ModuleMap): void;
}
