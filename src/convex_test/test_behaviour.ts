import type { Behaviour, Reword } from "../engine/behaviour.ts";
import type { ModuleMap } from "./types.ts";

/** Everything in which backends under test may differ. */
export interface TestBehaviour extends Behaviour {
  reword: Reword;
  /** Throws for modules that it refuses. Default: all are accepted. */
  checkModules?(modules: ModuleMap): void;
}
