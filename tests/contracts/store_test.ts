import { register } from "./register.ts";
import { cases } from "./store.ts";

register("store", cases);
