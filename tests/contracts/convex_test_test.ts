import { cases } from "./convex_test.ts";
import { register } from "./register.ts";

register("convexTest", cases);
