import { register } from "./register.ts";
import { cases } from "./server.ts";

register("server", cases);
