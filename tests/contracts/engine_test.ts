import { register } from "./register.ts";
import { cases } from "./engine.ts";

register("engine", cases);
