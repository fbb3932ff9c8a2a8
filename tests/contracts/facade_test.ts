import { otherCases } from "./facade.ts";
import { register } from "./register.ts";

register("facade", otherCases);
