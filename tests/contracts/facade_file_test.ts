import { fileCases } from "./facade.ts";
import { register } from "./register.ts";

register("facade", fileCases);
