import { register } from "./register.ts";
import { cases } from "./client.ts";

register("client", cases);
