import { register } from "./register.ts";
import { cases } from "./values.ts";

register("values", cases);
