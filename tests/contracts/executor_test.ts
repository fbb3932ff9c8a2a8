import { register } from "./register.ts";
import { cases } from "./executor.ts";

register("executor", cases);
