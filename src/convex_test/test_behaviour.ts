import type { Behaviour, Wording } from "../engine/behaviour.ts";
import type { ModuleMap } from "./types.ts";

/** In what a backend under test can behave in one way or another. */
export interface TestBehaviour extends Behaviour {
  wording: Wording;
  /** Refuses modules. Default: all are fine. */
  checkModules?(modules: ModuleMap): void;
}
